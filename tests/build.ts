/** Builds dist/ once before a test run, since forked processes cannot load TypeScript on Node 20. Knows nothing of what is tested. */
import { spawnSync } from 'node:child_process';

export default function build(): void {
  if (process.env['NO_BUILD']) return; // planted faults are tested in a copy that forks nothing
  spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'ignore' });
}
