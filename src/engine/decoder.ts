/** The contract between the scheduler (which rows step when) and the mathematics (what a step computes). Token ids in, logits out; knows no text. */

/** One running sequence: its keys and values live in the decoder until it is closed. */
export interface Row {
  readonly length: number; // tokens held
}

/** What a step of one row yields about the next token. */
export interface Logits {
  /** [vocabulary] when whole; else the largest `ids.length` ones, in descending order, `ids` saying which. */
  readonly values: Float32Array;
  readonly ids?: Int32Array;
}

export interface Adapter {
  readonly folder: string;
  readonly version: string; // first 8 hex digits of adapter_model.safetensors' sha256
  readonly rank: number;
}

/** One base model with many rows over it; rows of different adapters step together. Not re-entrant: one step at a time. */
export interface Decoder {
  readonly window: number; // the most tokens a row may hold; Infinity where positions are not learned (ALiBi)
  readonly vocabulary: number;
  readonly parameters: number;
  /** Loads (or finds) a PEFT adapter; throws a SetupError that names what it cannot honour. */
  adapter(folder: string): Promise<Adapter>;
  open(adapter?: Adapter): Row;
  close(row: Row): void;
  /**
   * Appends tokens to each named row (any numbers of tokens: prefill and decode mixed, or apart, as is fastest) and returns each one's logits after its last token, in order.
   * `top`: the most logits that the caller needs of each row, 0 for all.
   */
  step(feeds: readonly { row: Row; tokens: readonly number[] | Int32Array }[], top: number): Promise<Logits[]>;
  release(): Promise<void>;
}

/** Loads a base model folder on a device: engine/decode.ts. */
export type OpenDecoder = (folder: string, options: { device: 'cpu' | 'webgpu' | 'cuda'; cache: string; threads?: number }) => Promise<Decoder>;
