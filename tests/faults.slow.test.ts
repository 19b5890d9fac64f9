/** Faults that a bot of this kind has been seen to have, planted one by one: each must turn a test red. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults } from './faults/list.ts';
import { copyTree, removeTree, runWith } from './faults/plant.ts';

let copy = '';
beforeAll(() => { copy = copyTree(); });
afterAll(() => removeTree(copy));

describe('a planted fault', () => {
  it('is one of at least fifteen, each with a name of its own', () => {
    expect(faults.length).toBeGreaterThanOrEqual(15);
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  });
  it.each(faults)('turns a test red: $name', (fault) => {
    const { status, output } = runWith(fault, copy);
    expect(status, output).toBe(1);
    expect(output).toMatch(/AssertionError|Error: |failed/);
  });
});
