/** One line of the doctor's. */
export interface Check { readonly name: string; readonly status: 'ok' | 'warn' | 'fail'; readonly detail: string; readonly remedy: string /* '' where nothing is to be done */ }

export const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail, remedy: '' });
export const warn = (name: string, detail: string, remedy: string): Check => ({ name, status: 'warn', detail, remedy });
export const fail = (name: string, detail: string, remedy: string): Check => ({ name, status: 'fail', detail, remedy });

/** A check that breaks is a failed check. */
export async function attempt(name: string, remedy: string, work: () => Check[] | Promise<Check[]>): Promise<Check[]> {
  try { return await work(); } catch (cause) { return [fail(name, cause instanceof Error ? cause.message : String(cause), remedy)]; }
}
