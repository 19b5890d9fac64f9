/**
 * Keys and values of all rows, as plain arrays that programs read and never return: per layer [rows, heads, slots, headDim]. Rows lie one behind the other,
 * so any run of neighbours is one view. Knows no program.
 */

export interface CacheShape { readonly layers: number; readonly heads: number; readonly headDim: number; readonly isInterleaved: boolean }
export interface LayerCache { readonly keys: Float32Array; readonly values: Float32Array }

/** Slots come in steps of this many: growing moves everything, while attention reads unused slots as well. */
const slotStep = 32;
export const slotsFor = (tokens: number): number => Math.ceil(tokens / slotStep) * slotStep;
/** Memory that is asked for again costs more than moving what is there (each fresh page is filled with zeros), so there is room for growing. */
const growth = 2;

export class Cache {
  readonly shape: CacheShape;
  slots = 0;
  #capacity = 0; // numbers that keys, or values, of one layer may take
  /** One array for all layers, since JavaScript's collector runs whenever some have been asked for. */
  #data = new Float32Array(0);

  constructor(shape: CacheShape) { this.shape = shape; }

  #rowSize(slots: number): number { return this.shape.heads * slots * this.shape.headDim; }

  /** Makes room for `rows` rows of `slots` slots, keeping what the first `lengths.length` rows hold. Never smaller than asked; gives back what is far more than that. */
  fit(rows: number, slots: number, lengths: readonly number[]): void {
    const wanted = slots > this.slots || this.slots > 2 * slots + slotStep ? slots : this.slots;
    const needed = rows * this.#rowSize(wanted);
    if (needed > this.#capacity || this.#capacity > 4 * growth * needed) this.#move(growth * needed, wanted, lengths);
    else if (wanted !== this.slots) for (let part = 0; part < this.#parts; part++) this.#spread(this.#part(part), wanted, lengths);
    this.slots = wanted;
  }

  get #parts(): number { return 2 * this.shape.layers; }
  /** Keys of a layer are an even part, its values the odd one behind. */
  #part(part: number): Float32Array { return this.#data.subarray(part * this.#capacity, (part + 1) * this.#capacity); }

  #move(capacity: number, slots: number, lengths: readonly number[]): void {
    const { heads, headDim } = this.shape;
    const fresh = new Float32Array(this.#parts * capacity);
    for (let part = 0; part < this.#parts; part++) {
      const old = this.#part(part);
      for (const [row, length] of lengths.entries()) {
        for (let head = row * heads; head < (row + 1) * heads; head++) fresh.set(old.subarray(head * this.slots * headDim, (head * this.slots + length) * headDim), part * capacity + head * slots * headDim);
      }
    }
    [this.#data, this.#capacity] = [fresh, capacity];
  }

  /** Moves every head to where it belongs among wider (or narrower) neighbours, from the end (or the beginning), so that none is overwritten before it moved. */
  #spread(array: Float32Array, slots: number, lengths: readonly number[]): void {
    const { heads, headDim } = this.shape;
    const count = lengths.length * heads;
    for (let at = 0; at < count; at++) {
      const head = slots > this.slots ? count - 1 - at : at;
      const from = head * this.slots * headDim;
      array.copyWithin(head * slots * headDim, from, from + (lengths[Math.floor(head / heads)] ?? 0) * headDim);
    }
  }

  /** The keys and values of `count` rows from `first` on, in place. */
  view(layer: number, first: number, count: number): LayerCache {
    const size = this.#rowSize(this.slots);
    const of = (part: number): Float32Array => this.#data.subarray(part * this.#capacity + first * size, part * this.#capacity + (first + count) * size);
    return { keys: of(2 * layer), values: of(2 * layer + 1) };
  }

  /**
   * Puts keys and values of a run's projections (`qkv` [rows·steps, 3·embed]) into a layer: of each row from `first` on, its first `counts` steps behind its
   * `lengths` slots. One loop over pairs of numbers, since a step writes hundreds of thousands of them; heads of odd width go one by one.
   */
  write(layer: number, first: number, steps: number, lengths: readonly number[], counts: readonly number[], qkv: Float32Array): void {
    const { heads, headDim, isInterleaved } = this.shape;
    const arePairs = headDim % 2 === 0 && qkv.byteOffset % 8 === 0 && this.#capacity % 2 === 0;
    const unit = arePairs ? 2 : 1; // a pair of finite float32 is a finite float64, moved as it is
    const wide = (array: Float32Array): Float32Array | Float64Array => (arePairs ? new Float64Array(array.buffer, array.byteOffset, array.length / 2) : array);
    const [source, keys, values] = [wide(qkv), wide(this.#part(2 * layer)), wide(this.#part(2 * layer + 1))];
    const [width, embed, slotStride] = [headDim / unit, (heads * headDim) / unit, (this.slots * headDim) / unit];
    const [start, headStep, apart] = isInterleaved ? [width, 3 * width, width] : [embed, width, embed];
    for (let row = 0; row < counts.length; row++) {
      const [count, length] = [counts[row] as number, lengths[row] as number];
      for (let step = 0; step < count; step++) {
        let from = (row * steps + step) * 3 * embed + start;
        let to = (first + row) * heads * slotStride + (length + step) * width;
        for (let head = 0; head < heads; head++, from += headStep, to += slotStride) {
          for (let index = 0; index < width; index++) {
            keys[to + index] = source[from + index] as number;
            values[to + index] = source[from + apart + index] as number;
          }
        }
      }
    }
  }

  /** A row takes another's place. */
  copyRow(from: number, to: number): void {
    const size = this.#rowSize(this.slots);
    for (let part = 0; part < this.#parts; part++) this.#part(part).copyWithin(to * size, from * size, (from + 1) * size);
  }
}
