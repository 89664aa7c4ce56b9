import { InvalidArgumentError, Option } from 'commander';

/** For commander: a whole number from 1. */
export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number above 0.');
  return value;
}

/** `--algorithms`: see CompileOptions. */
export const algorithmsOption = (): Option =>
  new Option('--algorithms <name>', "how 3x3 convolutions are computed: fast uses Winograd's filtering where it pays")
    .choices(['direct', 'fast'])
    .default('direct');
