/** What this machine can do at best, by onnxruntime itself: a large product for arithmetic, a product with one vector for memory. */
import { openSession, floats } from '../../src/engine/session.ts';
import { encode } from '../../src/graph/onnx.ts';
import { matmul } from '../../src/graph/ops.ts';
import { input } from '../../src/graph/value.ts';

export interface Peaks { readonly gemm_gflops: number; readonly bandwidth_gbs: number }

/** Best of `rounds`: a peak is what was reached once. */
async function fastest(n: number, k: number, m: number, threads: number, rounds: number): Promise<number> {
  const product = matmul(input('a', [n, k]), input('b', [k, m]));
  const session = await openSession(encode({ outputs: { c: product } }, () => undefined), { device: 'cpu', threads, prepack: false });
  const feeds = { a: floats(new Float32Array(n * k).fill(0.5), [n, k]), b: floats(new Float32Array(k * m).fill(0.25), [k, m]) };
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - begin);
  }
  await session.release();
  return best / 1000; // seconds
}

export async function measurePeaks(threads: number): Promise<Peaks> {
  const gemm = await fastest(1024, 768, 3072, threads, 20);
  const vector = await fastest(1, 4096, 16_384, threads, 20); // 268 MB read once
  return { gemm_gflops: (2 * 1024 * 768 * 3072) / gemm / 1e9, bandwidth_gbs: (4 * 4096 * 16_384) / vector / 1e9 };
}

/** Seconds that a step cannot beat: each weight read once, each multiplied by each row. */
export const leastStep = (parameters: number, batch: number, { gemm_gflops: gflops, bandwidth_gbs: gbs }: Peaks): number => Math.max((4 * parameters) / gbs / 1e9, (2 * parameters * batch) / gflops / 1e9);
