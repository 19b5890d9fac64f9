/** `npm run oracle -- FOLDER`: what this project makes of a model beside what the reference implementation recorded; `--replay ID`: an answer once more. */
import { parseArgs } from 'node:util';
import { SetupError } from '../src/errors.ts';
import { header, runTool } from './document.ts';
import { compare, type Check } from './oracle/golden.ts';
import { replay } from './oracle/replay.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' }, replay: { type: 'string' }, prompt: { type: 'string' }, device: { type: 'string', default: 'cpu' } } });

const spell = (check: Check): string => `${check.pass === null ? 'not yet' : check.pass ? 'ok     ' : 'FAILED '}  ${check.name}${check.max_abs === null ? '' : `  max |difference| ${check.max_abs.toExponential(2)} (limit ${check.limit ?? 0})`}${check.why ? `  (${check.why})` : ''}`;

const { replay: id } = values;
if (id !== undefined) await runTool(async () => ({ ...header('oracle'), ok: true, replay: await replay(id, values.prompt) }), (document) => document.replay.text);
else {
  await runTool(async () => {
    const folder = positionals[0];
    if (folder === undefined) throw new SetupError('expected a folder laid out as tests/golden/gpt2: npm run oracle -- FOLDER [--json], or --replay ID');
    const { model, checks } = await compare(folder, values.device);
    return { ...header('oracle'), ok: checks.every(({ pass }) => pass === true), model, checks };
  }, ({ checks }) => checks.map(spell).join('\n'));
}
