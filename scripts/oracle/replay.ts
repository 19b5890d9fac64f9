/** Reproduces a recorded answer. */
export async function replay(_id: string, _prompt: string | undefined): Promise<void> {}
