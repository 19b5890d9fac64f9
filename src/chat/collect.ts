/** A whole reply at once, for those who cannot show it as it comes: inline results, pipes. Knows no platform. */
import type { Button, Reply, Told } from '../command.ts';
import { partsOf } from './deliver.ts';

export interface Collected {
  readonly text: string;
  readonly label: string;
  readonly buttons: readonly Button[];
  readonly told?: Told;
  readonly failed?: 'person' | 'bug';
  readonly answer?: string;
}

export async function collect(reply: Reply): Promise<Collected> {
  let all: Collected = { text: '', label: '', buttons: [] };
  for await (const part of partsOf(reply)) {
    if ('append' in part) all = { ...all, text: all.text + part.append };
    if ('replace' in part) all = { ...all, text: part.replace };
    if ('label' in part) all = { ...all, label: part.label };
    if ('buttons' in part) all = { ...all, buttons: part.buttons };
    if ('told' in part) all = { ...all, told: part.told };
    if ('failed' in part) all = { ...all, failed: part.failed };
    if ('answer' in part) all = { ...all, answer: part.answer };
  }
  return all;
}
