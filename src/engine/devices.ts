/** Which device to run on: the best that really runs a program, with the reason why a better one is not used. */
import { SetupError } from '../errors.ts';
import { encode } from '../graph/onnx.ts';
import { matmul } from '../graph/ops.ts';
import { constant, input } from '../graph/value.ts';
import type { Device } from './decoder.ts';
import { floats, openSession } from './session.ts';

export interface Probe { readonly device: Device; readonly isUsable: boolean; readonly reason: string }
const fromBest: readonly Device[] = ['cuda', 'webgpu', 'cpu'];

/** Creates a session and multiplies two numbers with it: a provider in the list does not mean that it works. */
export async function probe(device: Device): Promise<Probe> {
  try {
    const product = matmul(input('x', [1, 1]), constant(Float32Array.of(3), [1, 1]));
    const session = await openSession(encode({ outputs: { y: product } }, () => undefined), { device, threads: 1, prepack: false });
    const { y } = await session.run({ x: floats(Float32Array.of(2), [1, 1]) });
    await session.release();
    return y?.[0] === 6 ? { device, isUsable: true, reason: 'usable' } : { device, isUsable: false, reason: `2 × 3 gave ${y?.[0] ?? 'nothing'}` };
  } catch (cause) {
    return { device, isUsable: false, reason: firstLine(cause) };
  }
}
/** Without the place in onnxruntime's own source and the condition there, which come first. */
const firstLine = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]?.replace(/^\S*onnxruntime.* was false\. /, '').slice(0, 200) ?? '';

/** @throws SetupError when a device is asked for by name and does not work. */
export async function chooseDevice(wanted: Device | 'auto'): Promise<{ device: Device; reason: string }> {
  const passed: string[] = [];
  for (const device of wanted === 'auto' ? fromBest : [wanted]) {
    const { isUsable, reason } = await probe(device);
    if (isUsable) return { device, reason: passed.join('; ') };
    passed.push(`${device}: ${reason}`);
  }
  throw new SetupError(`DEVICE=${wanted} does not work here: ${passed.join('; ')}`);
}
