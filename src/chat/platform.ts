/** What every chat platform is to the rest: it listens until stopped. */
import type { Bot } from '../command.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';

export interface Platform {
  readonly name: string;
  /** Resolves once messages arrive; rejects with a SetupError that names the setting at fault (never its value). */
  listen(): Promise<void>;
  /** No new messages; what is being answered gets `grace` milliseconds to end, then an apology. */
  stop(grace: number): Promise<void>;
  /** For /estado, /health and doctor: 'connected', 'reconnecting' … */
  state(): string;
}

/** Answers begun and not ended, kept where a crash does not reach (storage/interactions.ts); `place` is the platform's own. */
export interface Pending {
  open(delivery: string, place: string): Promise<void>;
  close(delivery: string): Promise<void>;
  left(): Promise<readonly { readonly delivery: string; readonly place: string }[]>;
}

/** What a platform on the network is given. */
export interface Surroundings {
  readonly token: string;
  readonly bot: Bot;
  readonly pending: Pending;
  readonly log: Log;
  readonly metrics: Metrics;
  /** It gives up for good. */
  readonly failed: (cause: unknown) => void;
}
