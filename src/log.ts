/** The structured log, on stderr: what happened where, never what people wrote, never a secret. */
import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Takes secrets out of a text, also where they stand inside an address. */
export function createRedactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= 8).flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return (text) => known.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text);
}

/** Every line passes the redactor as it is written, so that no path into the log goes around it. */
export function createLog(level: string, redact: (text: string) => string, write: (line: string) => void = (line) => { process.stderr.write(line); }): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { cause: describe, err: describe } }, { write: (line: string) => { write(redact(line)); } });
}

/** An error with its stack and causes; of a platform's error not the request's body, which may hold people's words. */
function describe(cause: unknown): unknown {
  if (!(cause instanceof Error)) return String(cause);
  return { name: cause.name, message: cause.message, stack: cause.stack?.split('\n').slice(1, 12).join('\n'), ...('code' in cause ? { code: cause.code } : {}), ...(cause.cause === undefined ? {} : { cause: describe(cause.cause) }) };
}
