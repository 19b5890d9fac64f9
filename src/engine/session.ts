/** onnxruntime, and the only file that imports it: a model's bytes become something to run on a device. Knows nothing of what is computed. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { parse, relative, resolve } from 'node:path';
import type { Device } from './decoder.ts';

process.env.ORT_DISABLE_TELEMETRY ??= '1'; // on by default on Linux; must be set before it loads
const runtime = await import('onnxruntime-node').then((module) => module.default ?? module);

export type { Tensor } from 'onnxruntime-node';
export type Feeds = Record<string, Tensor>;
export interface Session {
  readonly inputs: readonly string[];
  run(feeds: Feeds): Promise<Readonly<Record<string, Float32Array>>>;
  /** Ends onnxruntime's profile, where one was asked for, and returns its file. */
  release(): Promise<void>;
}
export interface SessionOptions {
  readonly device: Device;
  readonly threads: number;
  /** Copies weights into the layout that multiplies fastest (about 10 %); without it they stay memory-mapped, shared between processes. */
  readonly prepack: boolean;
  readonly profile?: string; // prefix of onnxruntime's own profile
}

export const version = (): string => runtime.env.versions.node ?? runtime.env.versions.common;
export const floats = (data: Float32Array, dims: readonly number[]): Tensor => new runtime.Tensor('float32', data, dims);
export const integers = (data: BigInt64Array, dims: readonly number[]): Tensor => new runtime.Tensor('int64', data, dims);
export const flags = (data: Uint8Array, dims: readonly number[]): Tensor => new runtime.Tensor('bool', data, dims);

/** External data may not be named absolutely: names are relative to the root of the file system, which the session is told. */
const root = parse(resolve('.')).root;
export const externalName = (file: string): string => relative(root, file).replaceAll('\\', '/');

export async function openSession(model: Uint8Array, { device, threads, prepack, profile }: SessionOptions): Promise<Session> {
  const session = await runtime.InferenceSession.create(model, {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3, // errors
    ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
    extra: { session: { model_external_initializers_file_folder_path: root, ...(prepack ? {} : { disable_prepacking: '1' }) } },
  });
  return {
    inputs: session.inputNames,
    run: async (feeds) => readFloats(await session.run(feeds)),
    release: async () => { if (profile) session.endProfiling(); await session.release(); },
  };
}

function readFloats(outputs: InferenceSession.OnnxValueMapType): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => {
    if (!(data instanceof Float32Array)) throw new Error(`the output ${name} is not of float32`);
    return [name, data];
  }));
}
