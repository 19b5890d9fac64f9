/** How every tool begins and ends for machines: one JSON document on stdout, or lines for people; words on stderr. Knows no tool. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { SetupError } from '../src/errors.ts';

export interface Document { readonly tool: string; readonly ok: boolean; readonly [field: string]: unknown }

/** The checkout's commit; null where there is no git. */
function commit(): string | null {
  try { return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(); } catch { return null; }
}
const versionOf = (name: string): string => (JSON.parse(readFileSync(new URL(import.meta.resolve(name).replace(/(node_modules\/(?:@[^/]+\/)?[^/]+)\/.*/, '$1/package.json')), 'utf8')) as { version: string }).version;

export const header = (tool: string) => ({
  tool, schema: 1 as const, commit: commit(),
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version, ort: versionOf('onnxruntime-node') },
});
export const packageVersion = versionOf;
export const tell = (line: string): void => { process.stderr.write(`${line}\n`); };

/** Runs a tool: its document goes to stdout (as lines by `spell` without --json); exit 0 passed or merely missed goals, 1 a check failed, 2 bad input, 3 cannot run here. */
export async function runTool<T extends Document>(work: () => Promise<T>, spell: (document: T) => string, failure: 0 | 1 = 1): Promise<void> {
  try {
    const document = await work();
    const text = process.argv.includes('--json') ? JSON.stringify(document, null, 1) : spell(document);
    await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
    process.exitCode = document.ok ? 0 : failure;
  } catch (cause) {
    tell(cause instanceof SetupError ? cause.message : String(cause instanceof Error ? cause.stack : cause));
    process.exitCode = cause instanceof SetupError ? cause.status : 3;
  }
  process.exit();
}
