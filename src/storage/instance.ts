/** One bot a database: it holds a row and keeps it fresh; a second one is refused. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { SetupError } from '../errors.ts';
import type { Database } from './database.ts';
import { isTaken } from './taken.ts';

const beat = 5_000; // milliseconds
const stale = 4 * beat;
const id = 'bot';

/** `holder`: known to whoever can read the database, and to nobody else. */
export interface Claim { readonly holder: string; release(): Promise<void> }
export interface Holder { readonly holder: string; readonly host: string; readonly pid: number; readonly beatAt: Date }

/** @throws SetupError while another bot is at work on this database. `lost` is called when another one took over. */
export async function claimInstance(db: Database, lost: () => void): Promise<Claim> {
  const holder = randomUUID();
  const row = (): Holder => ({ holder, host: hostname(), pid: process.pid, beatAt: new Date() });
  if (!(await takeFree(db, row())) && !(await takeFromDead(db, row()))) throw await refusal(db);
  const timer = setInterval(() => {
    db.instance.updateMany({ where: { id, holder }, data: { beatAt: new Date() } }).then(({ count }) => { if (count === 0) { clearInterval(timer); lost(); } }, () => undefined); // a beat may fail: four in a row may not
  }, beat);
  return { holder, async release() { clearInterval(timer); await db.instance.deleteMany({ where: { id, holder } }); } };
}

/** Who uses this database now. */
export async function holderOf(db: Database): Promise<Holder | undefined> {
  const row = await db.instance.findUnique({ where: { id } });
  return row && isAlive(row) ? row : undefined;
}

/** Of two that start at once the database lets one in. */
const takeFree = (db: Database, row: Holder): Promise<boolean> => db.instance.create({ data: { id, ...row } }).then(() => true, isTaken);

/** The row changes hands only while it is still the dead one's. */
async function takeFromDead(db: Database, row: Holder): Promise<boolean> {
  const other = await db.instance.findUnique({ where: { id } });
  if (!other) return takeFree(db, row);
  if (isAlive(other)) return false;
  return (await db.instance.updateMany({ where: { id, holder: other.holder, beatAt: other.beatAt }, data: row })).count === 1;
}

async function refusal(db: Database): Promise<SetupError> {
  const other = await db.instance.findUnique({ where: { id } });
  return new SetupError(`another bot${other ? ` (process ${other.pid} on ${other.host})` : ''} is using this database: stop it first, or give this one a DATABASE_URL of its own`, 3);
}

/** On this machine the process says; elsewhere the time of its last beat. */
function isAlive({ host, pid, beatAt }: Holder): boolean {
  if (Date.now() - beatAt.getTime() > stale) return false;
  if (host !== hostname()) return true;
  if (pid === process.pid) return false; // a container that came back under the same numbers
  try { process.kill(pid, 0); return true; } catch (cause) { return cause instanceof Error && 'code' in cause && cause.code === 'EPERM'; }
}
