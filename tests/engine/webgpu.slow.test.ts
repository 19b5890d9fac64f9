/** WebGPU without a GPU: SwiftShader's Vulkan on the processor is a second real device. The same tokens as the CPU's, and every matrix product on it. */
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Job, Told } from '../fakes/accelerator.ts';
import { scratch } from '../folders.ts';

const products = ['MatMul', 'Gemm', 'FusedMatMul'];
let vulkan = '';
beforeAll(async () => {
  vulkan = await scratch();
  const packed = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../../bin/swiftshader.tar.br');
  writeFileSync(join(vulkan, 'vulkan.tar'), brotliDecompressSync(readFileSync(packed)));
  execFileSync('tar', ['xf', 'vulkan.tar'], { cwd: vulkan });
});

async function decode(job: Omit<Job, 'scratch'>): Promise<Told> {
  const child = fork('dist/tests/fakes/accelerator.js', { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { ...process.env, LD_LIBRARY_PATH: vulkan, VK_ICD_FILENAMES: join(vulkan, 'vk_swiftshader_icd.json') } });
  let errors = '';
  child.stderr?.on('data', (text) => { errors += String(text); });
  const told = new Promise<Told>((done, fail) => { child.once('message', (message) => done(message as Told)); child.once('exit', (status) => { if (status !== 0) fail(new Error(errors)); }); });
  child.send({ ...job, scratch: await scratch() });
  return told;
}

describe.each(['gpt2', 'bloom'])('%s on WebGPU', (name) => {
  const folder = `tests/golden/${name}`;
  const prompt = [79, 77, 47, 52, 14, 12, 46, 80];
  it.each([['without an adapter', undefined], ['with its adapter', `${folder}/adapter`]])('%s says what it says on the CPU, with every matrix product on the device', async (_, adapter) => {
    const job = { folder, prompt, count: 24, ...(adapter ? { adapter } : {}) };
    const [here, there] = [await decode({ ...job, device: 'cpu' }), await decode({ ...job, device: 'webgpu' })];
    expect(there.ids).toEqual(here.ids);
    const ran = there.ran.filter(({ op }) => products.includes(op));
    expect(ran.length).toBeGreaterThan(24 * 8);
    expect([...new Set(ran.map(({ provider }) => provider))]).toEqual(['WebGpuExecutionProvider']);
    expect(new Set(here.ran.map(({ provider }) => provider))).toEqual(new Set(['CPUExecutionProvider'])); // the profile tells them apart
  });
});
