/** `npm run gpu`: runs onnxruntime-node's own installer of its CUDA libraries, which npm leaves out, then says whether they work. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../src/errors.ts';
import { header, runTool, tell } from './document.ts';
import { deviceChecks } from './doctor/devices.ts';

const installer = fileURLToPath(new URL('../script/install.js', import.meta.resolve('onnxruntime-node')));

async function install(): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new SetupError(`onnxruntime-node has CUDA libraries for Linux on x64 only, this is ${process.platform} on ${process.arch}: DEVICE=webgpu uses the GPU where its driver speaks Vulkan, Metal or Direct3D 12`, 3);
  tell('Fetching the CUDA libraries of onnxruntime (some hundred megabytes, from api.nuget.org) …');
  const child = spawn(process.execPath, [installer], { stdio: ['ignore', 2, 2], env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'true' } });
  const [status] = await once(child, 'exit') as [number | null];
  if (status !== 0) throw new SetupError('the CUDA libraries could not be fetched (above it says why): api.nuget.org must be reachable, or GLOBAL_AGENT_HTTPS_PROXY name a proxy', 3);
}

await runTool(async () => {
  await install();
  const checks = (await deviceChecks({ DEVICE: 'cuda' })).filter(({ name }) => name.includes('cuda'));
  return { ...header('gpu'), ok: checks.every(({ status }) => status !== 'fail'), checks };
}, ({ checks }) => checks.map(({ name, detail, remedy }) => `${name}: ${detail}${remedy === '' ? '' : ` → ${remedy}`}`).join('\n'));
