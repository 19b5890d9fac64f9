/** Plants one fault at a time in a copy of the project and tells whether a test turns red. Knows nothing of what the faults mean. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Fault {
  readonly name: string;
  readonly file: string;
  readonly find: string; // must stand in the file exactly once
  readonly replace: string;
  readonly tests: readonly string[]; // at least one of their tests must fail
  readonly only?: string; // the tests whose names match: quicker
}

/** A copy of the working tree without what is never changed, which is linked. */
export function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'faults-'));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', ':!models', ':!tests/golden'], { encoding: 'utf8' }).trim().split('\n');
  for (const file of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(file, join(copy, file));
  }
  cpSync('src/storage/generated', join(copy, 'src/storage/generated'), { recursive: true });
  for (const linked of ['node_modules', 'models', 'tests/golden']) symlinkSync(join(process.cwd(), linked), join(copy, linked));
  return copy;
}

/** The exit status of the fault's tests with the fault in place: 0 means that nobody noticed. */
export function runWith(fault: Fault, copy: string): { readonly status: number | null; readonly output: string } {
  const path = join(copy, fault.file);
  const sound = readFileSync(path, 'utf8');
  if (sound.split(fault.find).length !== 2) throw new Error(`the fault «${fault.name}» expects its text once in ${fault.file}: adapt tests/faults/list.ts`);
  writeFileSync(path, sound.replace(fault.find, () => fault.replace));
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fast', '--bail', '1', ...(fault.only ? ['-t', fault.only] : []), ...fault.tests], { cwd: copy, encoding: 'utf8', timeout: 120_000, env: { ...process.env, NO_BUILD: '1' } });
    return { status, output: stdout + stderr };
  } finally {
    writeFileSync(path, sound);
  }
}

export const removeTree = (copy: string): void => rmSync(copy, { recursive: true, force: true });
