import { InvalidArgumentError, Option } from 'commander';

/** For commander: a whole number from 1. */
export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number above 0.');
  return value;
}

/** For commander: a whole number from 0. */
export function whole(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

/** For commander: a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}

/** For commander: whole numbers from 1, separated by commas. */
export const counts = (text: string): readonly number[] => text.split(',').map(count);

/** For commander: numbers above 0, separated by commas. */
export const positives = (text: string): readonly number[] => text.split(',').map(positive);

/** `--algorithms`: see CompileOptions. Timings default to `fast`, proofs to `direct`; a run of `train` to what its configuration says. */
export function algorithmsOption(usual?: 'direct' | 'fast'): Option {
  const option = new Option('--algorithms <name>', "how 3x3 convolutions are computed: fast uses Winograd's filtering where it pays");
  return option.choices(['direct', 'fast']).default(usual);
}

/** For commander: a ratio above 0 and at most 1. */
export function ratio(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('Expected a number above 0, and 1 at most.');
  return value;
}

/** For commander: a number from 0 to 1, both included. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('Expected a number from 0 to 1.');
  return value;
}

export type Sides = readonly [height: number, width: number];

/** For commander: `800x1333`, height by width, or one number for both. */
export function sides(text: string): Sides {
  const [height = '', width = height, ...more] = text.split('x');
  if (more.length > 0) throw new InvalidArgumentError('Expected a whole number, or two with an x between them.');
  return [count(height), count(width)];
}

/** For `--size`. */
export const sizeOrTest = (text: string): number | 'test' => (text === 'test' ? text : count(text));

/** `--kernels`. */
export const kernelsOption = (): Option =>
  new Option('--kernels <name>', 'which instructions (default: the fastest that run here)').choices(['strict', 'relaxed']);

/** `--tolerant`. */
export const tolerantOption = (): Option =>
  new Option('--tolerant', "read what there is of a damaged or truncated image, as PIL's LOAD_TRUNCATED_IMAGES does");

/** `--revectorize`. A command that has it calls `enablePairedVectors` before it compiles anything. */
export const revectorizeOption = (): Option =>
  new Option('--revectorize', 'let V8 join pairs of 128-bit vectors into 256-bit ones (Node 22 and later)');

/** `--no-packed-cache`. */
export const packedCacheOption = (): Option =>
  new Option('--no-packed-cache', 'neither keep nor use packed weights and the fastest tile in the cache');

/** `--threads`. */
export const threadsOption = (): Option => new Option('--threads <number>', 'threads that share each step').argParser(count).default(1);

/** `--state`: which of several that a trainer's file holds. */
export const stateOption = (): Option =>
  new Option('--state <name>', 'which weights of a file that holds several, as `model_ema` (default: those that its trainer would load)');
