/** The structured log, on stderr: what happened where, never what people wrote, never a secret. */
import { pino, type Logger } from 'pino';

export type Log = Logger;

export type Redact = (text: string) => string;

const shortest = 6; // characters: a shorter «secret» would take common words out of every line

/** Takes secrets out of a text, also as they stand in an address or in JSON. */
export function createRedactor(secrets: readonly string[]): Redact {
  const known = secrets.filter(({ length }) => length >= shortest).flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  const longestFirst = [...new Set(known)].toSorted((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text);
}

/** Every line passes the redactor as it is written, so that no path into the log goes around it. */
export function createLog(level: string, redact: Redact, write: (line: string) => void = (line) => { process.stderr.write(line); }): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { cause: describe, err: describe } }, { write: (line: string) => { write(redact(line)); } });
}

/** An error with its stack and causes; of a platform's error not the request's body, which may hold people's words. */
function describe(cause: unknown): unknown {
  if (!(cause instanceof Error)) return String(cause);
  return { name: cause.name, message: cause.message, stack: cause.stack?.split('\n').slice(1, 12).join('\n'), ...('code' in cause ? { code: cause.code } : {}), ...(cause.cause === undefined ? {} : { cause: describe(cause.cause) }) };
}
