/**
 * Low-rank adapters (Hu et al., arXiv 2106.09685) of many personas in one product: their A side by side and their B one below the other, and a gate that
 * leaves each token its own persona's columns (after Punica, arXiv 2310.18547). Knows no model.
 */
import { gemm, matmul, mul } from '../graph/ops.ts';
import { input, type Value } from '../graph/value.ts';

/** [tokens, ranks]: a persona's scaling in its columns, 0 elsewhere. */
export const gateInput = (): Value => input('gate', ['tokens', 'ranks']);

/** y + ((x·A) ∘ gate)·B: [tokens, in] → [tokens, out] */
export function withAdapters(x: Value, y: Value, module: string, gate: Value): Value {
  const [inside, outside] = [x.shape[1] ?? 0, y.shape[1] ?? 0];
  const down = matmul(x, input(`${module}.lora_A`, [inside, 'ranks'])); // [tokens, ranks]
  return gemm(mul(down, gate), input(`${module}.lora_B`, ['ranks', outside]), y);
}
