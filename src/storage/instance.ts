/** One bot a database: it holds a row and keeps it fresh; a second one is refused. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { SetupError } from '../errors.ts';
import type { Database } from './database.ts';

const beat = 5_000; // milliseconds
const stale = 4 * beat;
const id = 'bot';

export interface Claim { release(): Promise<void> }

/** @throws SetupError while another bot is at work on this database. `lost` is called when the row was taken over. */
export async function claimInstance(db: Database, lost: () => void): Promise<Claim> {
  const holder = randomUUID();
  const mine = { holder, host: hostname(), pid: process.pid };
  await db.$transaction(async (tx) => {
    const other = await tx.instance.findUnique({ where: { id } });
    if (other && isAlive(other)) throw new SetupError(`another bot (process ${other.pid} on ${other.host}) is using this database: stop it first, or give this one a DATABASE_URL of its own`, 3);
    await tx.instance.upsert({ where: { id }, create: { id, ...mine, beatAt: new Date() }, update: { ...mine, beatAt: new Date() } });
  });
  const timer = setInterval(() => {
    db.instance.updateMany({ where: { id, holder }, data: { beatAt: new Date() } }).then(({ count }) => { if (count === 0) { clearInterval(timer); lost(); } }, () => undefined);
  }, beat);
  return { async release() { clearInterval(timer); await db.instance.deleteMany({ where: { id, holder } }); } };
}

/** On this machine the process says; elsewhere the time of its last beat. */
function isAlive({ host, pid, beatAt }: { host: string; pid: number; beatAt: Date }): boolean {
  if (Date.now() - beatAt.getTime() > stale) return false;
  if (host !== hostname()) return true;
  if (pid === process.pid) return false;
  try { process.kill(pid, 0); return true; } catch { return false; }
}
