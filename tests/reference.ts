/** GPT-2 written as plainly as can be, in loops over numbers: slow, obvious, and made of nothing that the engine is made of. */

export type Tensors = ReadonlyMap<string, { readonly values: Float32Array; readonly shape: readonly number[] }>;
export interface Sizes { readonly layers: number; readonly heads: number; readonly embed: number; readonly epsilon: number }
/** Low-rank changes by module: y += scaling · (x·Aᵀ)·Bᵀ, A [rank, in], B [out, rank]. */
export type Adapter = ReadonlyMap<string, { readonly a: Float32Array; readonly b: Float32Array; readonly rank: number; readonly scaling: number }>;

type Vector = number[];

/** Logits [vocabulary] after the last of `ids`. */
export function logitsOf(ids: readonly number[], tensors: Tensors, { layers, heads, embed, epsilon }: Sizes, adapter?: Adapter): Vector {
  const tensor = (name: string): Float32Array => tensors.get(`transformer.${name}`)?.values ?? new Float32Array(0);
  const row = (name: string, index: number): Vector => [...tensor(name).subarray(index * embed, (index + 1) * embed)];
  const norm = (x: Vector, name: string): Vector => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    return x.map((value, index) => ((value - mean) / Math.sqrt(variance + epsilon)) * (tensor(`${name}.weight`)[index] ?? 0) + (tensor(`${name}.bias`)[index] ?? 0));
  };
  const linear = (x: Vector, name: string): Vector => {
    const [weight, bias] = [tensor(`${name}.weight`), tensor(`${name}.bias`)];
    const y = [...bias].map((start, out) => x.reduce((sum, value, index) => sum + value * (weight[index * bias.length + out] ?? 0), start));
    const change = adapter?.get(`transformer.${name}`);
    if (!change) return y;
    const down = Array.from({ length: change.rank }, (_, rank) => x.reduce((sum, value, index) => sum + value * (change.a[rank * x.length + index] ?? 0), 0));
    return y.map((value, out) => value + change.scaling * down.reduce((sum, part, rank) => sum + part * (change.b[out * change.rank + rank] ?? 0), 0));
  };
  const add = (a: Vector, b: Vector): Vector => a.map((value, index) => value + (b[index] ?? 0));

  let x = ids.map((id, position) => add(row('wte.weight', id), row('wpe.weight', position)));
  for (let layer = 0; layer < layers; layer++) {
    const qkv = x.map((one) => linear(norm(one, `h.${layer}.ln_1`), `h.${layer}.attn.c_attn`));
    x = x.map((one, time) => add(one, linear(attend(qkv, time, heads, embed), `h.${layer}.attn.c_proj`)));
    x = x.map((one) => add(one, linear(linear(norm(one, `h.${layer}.ln_2`), `h.${layer}.mlp.c_fc`).map(gelu), `h.${layer}.mlp.c_proj`)));
  }
  const last = norm(x.at(-1) ?? [], 'ln_f');
  const words = tensor('wte.weight');
  return Array.from({ length: words.length / embed }, (_, id) => last.reduce((sum, value, index) => sum + value * (words[id * embed + index] ?? 0), 0));
}

function attend(qkv: readonly Vector[], time: number, heads: number, embed: number): Vector {
  const width = embed / heads;
  return Array.from({ length: heads }, (_, head) => {
    const part = (kind: number, at: number): Vector => (qkv[at] ?? []).slice(kind * embed + head * width, kind * embed + (head + 1) * width);
    const scores = Array.from({ length: time + 1 }, (_unused, at) => part(0, time).reduce((sum, value, index) => sum + value * (part(1, at)[index] ?? 0), 0) / Math.sqrt(width));
    const top = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - top));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return Array.from({ length: width }, (_unused, index) => weights.reduce((sum, weight, at) => sum + (weight / total) * (part(2, at)[index] ?? 0), 0));
  }).flat();
}

const gelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

export function greedy(prompt: readonly number[], count: number, next: (ids: readonly number[]) => Vector): number[] {
  const ids = [...prompt];
  for (let index = 0; index < count; index++) {
    const logits = next(ids);
    ids.push(logits.indexOf(Math.max(...logits)));
  }
  return ids.slice(prompt.length);
}
