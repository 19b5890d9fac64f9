/** Tries one device in a process of its own, since a device that fails may take its process along: a multiplication, then the golden folders. Tells its parent. */
import { existsSync } from 'node:fs';
import type { Device } from '../../src/engine/decoder.ts';
import { probe, type Probe } from '../../src/engine/devices.ts';
import { compare } from '../oracle/golden.ts';

export interface Golden { readonly folder: string; readonly failed: readonly string[]; readonly passed: number }
export interface DeviceReport { readonly probe: Probe; readonly golden: readonly Golden[] }

export const goldenFolders = ['tests/golden/gpt2', 'tests/golden/bloom'] as const;

async function golden(folder: string, device: Device): Promise<Golden> {
  const { checks } = await compare(folder, device);
  return { folder, passed: checks.filter(({ pass }) => pass === true).length, failed: checks.filter(({ pass }) => pass === false).map(({ name }) => name) };
}

if (process.send) {
  const device = process.argv[2] as Device;
  const probed = await probe(device);
  const results: Golden[] = [];
  if (probed.isUsable) for (const folder of goldenFolders.filter((one) => existsSync(one))) results.push(await golden(folder, device));
  process.send({ probe: probed, golden: results } satisfies DeviceReport, () => process.exit());
}
