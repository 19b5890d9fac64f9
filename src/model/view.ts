/** A tensor as it lies in a file: type, sizes and strides. Knows neither the file's format nor the tensor's meaning. */
import { sizes } from './float.ts';

export interface View {
  readonly file: string;
  readonly dtype: string; // safetensors' name of the type
  readonly offset: number; // bytes
  readonly shape: readonly number[];
  readonly stride: readonly number[]; // elements
}
type Layout = Pick<View, 'shape' | 'stride'>;

export const countOf = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);

/** Row-major strides, in elements. */
export const contiguous = (shape: readonly number[]): number[] => shape.map((_, axis) => countOf(shape.slice(axis + 1)));

/** Whether the elements follow one another in row-major order; the stride of an axis of one element says nothing. */
export const isRowMajor = ({ shape, stride }: Layout): boolean => countOf(shape) === 0 || contiguous(shape).every((step, axis) => step === stride[axis] || shape[axis] === 1);

/** Elements from the first to the last one, both included: 0 where there is none. */
export const spanOf = ({ shape, stride }: Layout): number => (countOf(shape) === 0 ? 0 : shape.reduce((last, count, axis) => last + (count - 1) * (stride[axis] ?? 0), 1));

/** Bytes from the beginning of the first element to the end of the last. */
export const lengthOf = (view: Omit<View, 'file' | 'offset'>): number => spanOf(view) * (sizes[view.dtype] ?? 1);
