/** What a speed measurement is written down as (CONTRACTS: bench). Knows no engine. */

export interface Spread { readonly median: number; readonly min: number; readonly max: number; readonly n: number }
export interface Row {
  readonly engine: string;
  readonly version: string;
  readonly model: string;
  readonly precision: string;
  readonly device: string;
  readonly batch: number;
  readonly personas: number;
  readonly threads: number;
  readonly prompt: number; // tokens
  readonly new: number; // tokens
  readonly tok_s: Spread; // all rows together
  readonly ttft_ms: { readonly p50: number; readonly p95: number };
  readonly rss_mb: number; // peak, of the process that runs the model
  readonly of_limit: number; // share of what this machine's memory and arithmetic allow
}
export interface Goal { readonly name: string; readonly value: number | null; readonly target: number; readonly pass: boolean | null; readonly why?: string }

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN, n: sorted.length };
}

/** Nearest-rank quantile of ascending values. */
export const quantile = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;

/** A ratio against a target; null, with the reason, where a side was not measured. */
export function goalOf(name: string, ours: number | undefined, theirs: number | undefined, target: number): Goal {
  if (ours === undefined || theirs === undefined) return { name, value: null, target, pass: null, why: 'one side was not measured (--only or --quick)' };
  return { name, value: ours / theirs, target, pass: ours / theirs >= target };
}
