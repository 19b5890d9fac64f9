/** What a bench worker is told and what it tells back. */
import { readFileSync } from 'node:fs';

export interface Job {
  readonly folder: string;
  readonly prompts: readonly (readonly number[])[]; // token ids, one row each
  readonly new: number; // tokens to write for each row
  readonly rounds: number;
  readonly threads: number;
  /** `calls`: a generate() call for each row, all in flight at once; `batch`: one padded batch. */
  readonly mode: 'calls' | 'batch';
}
export interface Timing {
  readonly tokensPerSecond: readonly number[]; // of each round, all rows together
  readonly firstToken: readonly number[]; // milliseconds
  readonly peakMemory: number; // bytes, resident, of the process that runs the model
  readonly device: string;
}

/** The most memory a process was resident with, in bytes (proc(5): VmHWM); NaN where the system does not say. */
export function peakMemory(pid: number | 'self' | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid ?? 'none'}/status`, 'utf8'))?.[1]) * 1024;
  } catch {
    return NaN;
  }
}
