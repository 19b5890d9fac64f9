/** Each device: is it usable, and does it give the recorded results. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Config } from '../../src/config.ts';
import type { Device } from '../../src/engine/decoder.ts';
import { fail, ok, warn, type Check } from './check.ts';
import type { DeviceReport } from './device.ts';

const all: readonly Device[] = ['cuda', 'webgpu', 'cpu'];
const patience = 120_000; // milliseconds
const entry = new URL(import.meta.url.endsWith('.ts') ? '../../dist/scripts/doctor/device.js' : './device.js', import.meta.url);

const remedies: Readonly<Record<Device, string>> = {
  cuda: 'npm run gpu fetches the CUDA libraries of onnxruntime (Linux x64; CUDA 12 and cuDNN 9 must be installed)',
  webgpu: 'it needs a GPU with a Vulkan, Metal or Direct3D 12 driver',
  cpu: 'run npm ci again; if it stays so, this processor or system is not one of onnxruntime’s',
};

/** One after another: they share the machine. */
export async function deviceChecks({ DEVICE }: Pick<Config, 'DEVICE'>): Promise<Check[]> {
  const checks: Check[] = [];
  for (const device of all) checks.push(...judge(device, await tryDevice(device), DEVICE));
  return checks;
}

function tryDevice(device: Device): Promise<DeviceReport | string> {
  return new Promise((resolve) => {
    const child = fork(entry, [device], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [], timeout: patience, killSignal: 'SIGKILL' });
    child.once('message', (report) => resolve(report as DeviceReport));
    child.once('error', (cause) => resolve(cause.message));
    child.once('exit', (status, signal) => resolve(`its process ended with ${signal ?? String(status)}`));
  });
}

/** A device that is not there is no fault, unless it was asked for. */
function judge(device: Device, report: DeviceReport | string, wanted: Config['DEVICE']): Check[] {
  const name = `device ${device}`;
  const reason = typeof report === 'string' ? report : report.probe.reason;
  if (typeof report === 'string' || !report.probe.isUsable) {
    if (device === 'cpu' || device === wanted) return [fail(name, `not usable: ${reason}`, remedies[device])];
    return [device === 'cuda' && hasNvidia() ? warn(name, `not usable: ${reason}`, remedies.cuda) : ok(name, `not here: ${reason}`)];
  }
  if (report.golden.length === 0) return [ok(name, 'usable'), warn(`golden ${device}`, 'the golden folders are not here', 'they are in tests/golden of the repository')];
  const wrong = report.golden.filter(({ failed }) => failed.length > 0);
  return [ok(name, 'usable'), wrong.length === 0 ? ok(`golden ${device}`, report.golden.map(({ folder, passed }) => `${folder}: ${passed} checks`).join(', ')) : fail(`golden ${device}`, wrong.map(({ folder, failed }) => `${folder}: ${failed.join(', ')}`).join('; '), `set DEVICE to another than ${device}, and tell us: npm run oracle -- ${wrong[0]?.folder} --device ${device}`)];
}

const hasNvidia = (): boolean => existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidia0');
