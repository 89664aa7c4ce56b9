import { InputError } from '../errors.js';
import { isShape, type Shape } from '../tensor.js';
import type { OnnxModel } from './model.js';

export interface InputSizes {
  /** Images a run. @defaultValue the file's, else 1 */
  readonly batch?: number | undefined;
  /** Height and width of the image. @defaultValue the file's, else 224 each */
  readonly size?: readonly [number, number] | undefined;
}

const usual = 224;

/**
 * The shape of a file's input: what is left open in the file is filled in where it takes images, [N, C, H, W] or [N, H, W, 3].
 *
 * @throws InputError for another rank, unless the file leaves nothing open and nothing is asked for
 */
export function imageShape({ inputs: [input] }: OnnxModel, { batch, size }: InputSizes = {}): Shape {
  if (batch === undefined && size === undefined && isShape(input?.shape) && !input.shape.includes(0)) return input.shape; // 0 is open
  const found = input?.shape ?? [undefined, undefined, undefined, undefined];
  if (found.length !== 4)
    throw new InputError(`expected an input of images [N, C, H, W], found [${found.map((extent) => extent ?? '?').join(', ')}]`);
  const [N, C, H, W] = found.map((extent) => (typeof extent === 'number' && extent > 0 ? extent : undefined));
  const isLast = W === 3 && C !== 3; // channels last, as Keras has them
  const plane = (isLast ? [C, H] : [H, W]).map((extent, axis) => size?.[axis] ?? extent ?? usual);
  return [batch ?? N ?? 1, ...(isLast ? [...plane, 3] : [C ?? 3, ...plane])];
}
