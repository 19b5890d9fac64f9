/** The words that client and engine process exchange over IPC. */
import type { Device } from './decoder.ts';
import type { Event, Request } from './protocol.ts';

export interface EngineOptions {
  readonly device: Device | 'auto';
  readonly memory: number; // bytes
  readonly threads: number;
  readonly cache: string;
}
export type ToEngine =
  | { readonly type: 'options'; readonly options: EngineOptions }
  | { readonly type: 'request'; readonly request: Request }
  | { readonly type: 'cancel'; readonly id: string }
  | { readonly type: 'stop' };
export type FromEngine =
  | { readonly type: 'ready'; readonly device: string; readonly reason: string }
  /** It cannot work here at all; the process ends. */
  | { readonly type: 'refused'; readonly message: string }
  /** All that one step yields goes in one message: sending costs more than a token. */
  | { readonly type: 'events'; readonly events: readonly (readonly [id: string, event: Event])[] }
  | { readonly type: 'pulse'; readonly pulse: Pulse };
/** Told every second. */
export interface Pulse {
  readonly tokens: number; // written since the process began
  readonly memory: number; // bytes, resident
  readonly bases: readonly { readonly folder: string; readonly parameters: number; readonly window: number }[];
}
