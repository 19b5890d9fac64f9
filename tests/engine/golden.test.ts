/** The recorded reference (transformers and PEFT, see tests/golden/README.md): our logits and greedy tokens beside theirs. */
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare, greedy, type Check } from '../../scripts/oracle/golden.ts';
import { openDecoder } from '../../src/engine/decode.ts';
import { readBytes, readHeader } from '../../src/model/safetensors.ts';
import { copyWith, rounded, scratch, writeSafetensors, type Stored, type Values } from '../folders.ts';

const golden = 'tests/golden';
const names = ['logits', 'lora.logits', 'mixed.logits', 'greedy', 'lora.greedy'];
const failing = (checks: readonly Check[]): Check[] => checks.filter(({ name, pass }) => names.includes(name) && pass !== true);

async function weightsOf(folder: string): Promise<Map<string, Values>> {
  const tensors = new Map<string, Values>();
  for (const [name, tensor] of await readHeader(join(folder, 'model.safetensors'))) tensors.set(name, { values: new Float32Array((await readBytes(tensor)).buffer), shape: tensor.shape });
  return tensors;
}
async function greedyOf(folder: string): Promise<number[]> {
  const decoder = await openDecoder(folder, { device: 'cpu', cache: await scratch(), threads: 1 });
  const ids = await greedy(decoder, [79, 77, 47, 52, 14, 12, 46, 80], 24);
  await decoder.release();
  return ids;
}

describe.each(['gpt2', 'bloom', 'gpt2-bin', 'bloom-bin'])('%s', (name) => {
  it('gives the recorded logits within 1e-4 and the recorded tokens, alone, adapted and mixed', async () => {
    const { checks } = await compare(join(golden, name), 'cpu');
    expect(checks.map((check) => check.name)).toEqual(expect.arrayContaining(names));
    expect(failing(checks)).toEqual([]);
  });
});

describe.each(['gpt2', 'bloom'])('%s saved again', (name) => {
  it('in three shards is the same model', async () => {
    const tensors = [...await weightsOf(join(golden, name))];
    const folder = await copyWith(join(golden, name), async (to) => {
      const shards = [0, 1, 2].map((shard) => `model-0000${shard + 1}-of-00003.safetensors`);
      for (const [index, shard] of shards.entries()) await writeSafetensors(join(to, shard), new Map(tensors.filter((_, at) => at % 3 === index)));
      await writeFile(join(to, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: Object.fromEntries(tensors.map(([tensor], at) => [tensor, shards[at % 3]])) }));
    });
    expect(failing((await compare(folder, 'cpu')).checks)).toEqual([]);
    expect(readdirSync(folder)).not.toContain('model.safetensors');
  });
  it.each(['F16', 'BF16'] as const)('as %s gives the tokens that those weights give in float32', async (dtype: Stored) => {
    const tensors = await weightsOf(join(golden, name));
    const short = await copyWith(join(golden, name), (to) => writeSafetensors(join(to, 'model.safetensors'), tensors, dtype));
    const wide = await copyWith(join(golden, name), (to) => writeSafetensors(join(to, 'model.safetensors'), new Map([...tensors].map(([tensor, one]) => [tensor, rounded(one, dtype)]))));
    expect(await greedyOf(short)).toEqual(await greedyOf(wide));
  });
});
