/** What crosses between the bot process and the engine process: requests in tokens-to-be, words and ends back. Knows no chat and no persona. */

/** A piece of a prompt. Control tokens come only from `control`; `text` that spells one is tokenized as plain text. */
export type Segment =
  | { readonly control: string }
  /** `drop`: may be left out when the prompt does not fit the window; higher numbers go first. Absent: never dropped (its beginning is cut as a last resort). */
  | { readonly text: string; readonly drop?: number };

/** How the next token is chosen; the order of the steps is that of this list (as in Hugging Face's generate). */
export interface Sampling {
  readonly repetitionPenalty: number; // ≥ 1, CTRL (arXiv 1909.05858); 1 is off
  readonly noRepeatNgram: number; // 0 is off
  readonly temperature: number; // 0 is greedy
  readonly topK: number; // 0 is off
  readonly topP: number; // 1 is off
  readonly minP: number; // 0 is off; share of the most likely token's probability
  readonly minNew: number; // tokens before an end is allowed
  readonly maxNew: number; // tokens
  readonly stop: readonly string[]; // the text ends before the first of them
  readonly candidates: number; // n; the best is chosen by engine/best.ts. 1 streams
}

/** What a request speaks with. `folder` paths are absolute. */
export interface Voice {
  /** A Hugging Face folder of gpt2 or bloom architecture, or of a stand-alone ONNX export. */
  readonly base: string;
  /** A PEFT LoRA folder over that base. */
  readonly adapter?: string;
}

export interface Request {
  readonly id: string;
  readonly voice: Voice;
  readonly prompt: readonly Segment[];
  readonly sampling: Sampling;
  readonly seed: number; // 32-bit unsigned
  /** Ends the text beside the base's own end token, e.g. `<|endoftext|>`. */
  readonly endTokens?: readonly string[];
}

export type Finish = 'stop' | 'length' | 'cancel';

/** What comes back for a request, in order: started once, words any number of times, then exactly one of end or failed. */
export type Event =
  | { readonly type: 'place'; readonly place: number } // 1 is next; told again whenever it changes
  | { readonly type: 'started'; readonly promptTokens: number }
  | { readonly type: 'words'; readonly text: string; readonly tokens: number } // whole characters only; tokens written so far
  /** `dropped`: parts of the prompt that did not fit; `candidate`: which of several was the best. */
  | { readonly type: 'end'; readonly finish: Finish; readonly tokens: number; readonly milliseconds: number; readonly dropped: number; readonly candidate?: number }
  /** `kind`: a mistake of the setup (a folder, an adapter), or the engine's own failure. */
  | { readonly type: 'failed'; readonly message: string; readonly kind: 'setup' | 'engine' };

/** The engine as the bot sees it (engine/client.ts). */
export interface Engine {
  /** Queues a request under an opaque fairness key (a chat). Cancel by aborting the signal: the stream then ends with finish 'cancel'. Rejects at once, with a UserError, when the queue is full. */
  generate(request: Request, options: { key: string; signal?: AbortSignal }): AsyncIterable<Event>;
  status(): Promise<EngineStatus>;
  stop(): Promise<void>;
}

export interface EngineStatus {
  readonly state: 'starting' | 'ready' | 'restarting' | 'stopped';
  readonly device: string; // 'cpu', 'webgpu', 'cuda'
  readonly deviceReason: string; // why a better one is not used
  readonly running: number;
  readonly queued: number;
  readonly capacity: number; // how many may wait
  readonly tokensPerSecond: number; // over the last minute
  readonly bases: readonly { readonly folder: string; readonly parameters: number; readonly window: number }[];
  readonly memory: number; // bytes, resident
  readonly restarts: number;
}
