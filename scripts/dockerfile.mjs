/** Runs the Dockerfile's own steps without Docker: a folder a stage, as a user who is not root, then its command with a question on stdin. Knows the few instructions that this Dockerfile uses. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('..', import.meta.url));
const say = (line) => process.stderr.write(`${line}\n`);

/** The instructions in order; comments and empty lines mean nothing, a backslash joins lines. */
function instructions(text) {
  return text.replace(/\\\n/g, ' ').split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    return { name, rest };
  });
}

/** Where a path of the image is in a stage's folder. */
const at = ({ root, folder }, path) => (path.startsWith('/') ? join(root, path) : join(root, folder, path));

/** One pass over the file; the last stage is what would run. */
function build(text, { context, work }) {
  const stages = new Map();
  let stage;
  const does = {
    FROM(rest) {
      const name = / AS (\S+)$/i.exec(rest)?.[1] ?? `stage${stages.size}`;
      stage = { root: join(work, name), folder: '/', environment: {}, command: [] };
      stages.set(name, stage);
    },
    WORKDIR(rest) { stage.folder = rest; mkdirSync(at(stage, '.'), { recursive: true }); },
    ENV(rest) { const [key, value] = rest.split('='); stage.environment[key] = value; },
    COPY(rest) {
      const words = rest.split(/\s+/);
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
      const [source, target] = words.filter((word) => !word.startsWith('--'));
      const path = from === undefined ? join(context, source) : at(stages.get(from), source);
      cpSync(path, target.endsWith('/') ? join(at(stage, target), basename(path)) : at(stage, target), { recursive: true, verbatimSymlinks: true });
    },
    RUN(rest) { run(['sh', '-c', rest], stage, at(stage, '.'), 'inherit'); },
    CMD(rest) { stage.command = JSON.parse(rest); },
    USER() {}, VOLUME() {}, HEALTHCHECK() {},
  };
  for (const { name, rest } of instructions(text)) {
    say(`${name} ${rest}`);
    if (!(name in does)) throw new Error(`the Dockerfile says ${name}, which scripts/dockerfile.mjs does not know`);
    does[name](rest);
  }
  return { ...stage, folder: at(stage, '.') };
}

function run([command, ...rest], { root, environment }, cwd, output, input) {
  const home = join(root, 'home');
  mkdirSync(home, { recursive: true });
  const { status, stdout } = spawnSync(command, rest, { cwd, input, encoding: 'utf8', stdio: [input === undefined ? 'ignore' : 'pipe', output === 'inherit' ? 2 : output, 2], env: { PATH: process.env.PATH, HOME: home, ...environment } });
  if (status !== 0) throw new Error(`${[command, ...rest].join(' ')} ended with ${status}`);
  return stdout;
}

/** Copies what is committed, as `docker build` would see it, for a user who may not read the repository itself; root hands over to nobody. */
function asSomebody(work) {
  const context = join(work, 'context');
  mkdirSync(context);
  execFileSync('sh', ['-c', 'git ls-files -z | xargs -0 cp --parents -t "$0"', context], { cwd: repository });
  if (process.getuid() !== 0) return act(work);
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' })));
  execFileSync('chown', ['-R', `${uid}:${gid}`, work]);
  const { status } = spawnSync(process.execPath, [join(context, 'scripts/dockerfile.mjs'), work], { uid, gid, cwd: work, stdio: 'inherit' });
  if (status !== 0) throw new Error(`ended with ${status}`);
}

function act(work) {
  const context = join(work, 'context');
  const image = build(readFileSync(join(context, 'Dockerfile'), 'utf8'), { context, work });
  const said = run(image.command, image, image.folder, 'pipe', '/personas\nHola\n');
  if (said.split('\u001e').length !== 3) throw new Error(`expected two answers, got: ${said}`);
  say(`The command answers, as user ${process.getuid()}.`);
}

const given = process.argv[2];
if (given !== undefined) act(resolve(given));
else {
  const work = mkdtempSync(join(tmpdir(), 'dockerfile-'));
  try { asSomebody(work); } finally { rmSync(work, { recursive: true, force: true }); }
}
