/** The contract between the scheduler (which rows step when) and the mathematics (what a step computes). Token ids in, logits out; knows no text. */

/** One running sequence: its keys and values live in the decoder until it is closed. */
export interface Row {
  readonly length: number; // tokens held
}
export interface Adapter {
  readonly folder: string;
  readonly version: string; // first 8 hex digits of adapter_model.safetensors' sha256
  readonly bytes: number; // in memory
}
export interface Feed {
  readonly row: Row;
  readonly tokens: readonly number[];
}

/** The largest logits of a row, in descending order, and whose they are. */
export interface Top {
  readonly values: Float32Array;
  readonly ids: Float32Array; // whole numbers
}
/** What a step says of a row: the top where the vocabulary is large, and all of it when asked before the next step. */
export interface Ranked {
  readonly top?: Top;
  whole(): Promise<Float32Array>;
}

/** One base model with many rows over it; rows of different adapters step together. Not re-entrant: one step at a time. */
export interface Decoder {
  readonly window: number; // the most tokens a row may hold; Infinity where positions are not learned (ALiBi)
  readonly vocabulary: number;
  readonly parameters: number;
  readonly bytesPerToken: number; // keys and values of one token of one row
  readonly end: readonly number[]; // ids that end a text, by the base's config.json
  /** Loads (or finds) a PEFT adapter. @throws SetupError naming what it cannot honour, or what does not fit this base. */
  adapter(folder: string): Promise<Adapter>;
  open(adapter?: Adapter): Row;
  close(row: Row): void;
  /**
   * Appends tokens to each named row, any numbers of them (prefill and decoding may be mixed), and returns each one's logits [vocabulary] after its last
   * token, in order. The arrays are the caller's own until the next step.
   */
  step(feeds: readonly Feed[]): Promise<Float32Array[]>;
  /** The same without fetching what few need: a vocabulary of 50,257 is 200 kB a row and step. */
  rank?(feeds: readonly Feed[]): Promise<Ranked[]>;
  release(): Promise<void>;
}

export type Device = 'cpu' | 'webgpu' | 'cuda';
export interface DecoderOptions {
  readonly device: Device;
  readonly cache: string; // folder for widened weights
  readonly threads: number;
  readonly adapterMemory?: number; // bytes kept of adapters that no row uses
  readonly profile?: string; // prefix of the files in which onnxruntime tells what ran where
}
