import { showShape } from '../errors.js';
import type { ComparedEngines, ComparedValue, ValueVerdict } from '../verify/nodewise.js';
import { percent, thousands } from './format.js';
import { table } from './table.js';

/** What a comparison of engines is of. */
export interface ComparedNetwork extends ComparedEngines {
  readonly file: string;
  /** The image, and where it is from. */
  readonly input: { readonly shape: readonly number[] } & (
    | { readonly seed: number }
    | { readonly picture: string }
    | { readonly file: string }
  );
  /** Other inputs, by name. @defaultValue none */
  readonly others?: Readonly<Record<string, readonly number[]>>;
}

const short = (value: number): string => (value === 0 ? '0' : value.toExponential(2));
/** As many digits as a float32 has. */
const exactly = (value: number): string => String(Number(value.toPrecision(9)));
const times = (ratio: number): string => (ratio >= 100 ? thousands(Math.round(ratio)) : ratio.toFixed(3));

/** A row a value: each engine's error in units of its bound. */
export function nodewiseText(compared: ComparedNetwork): string {
  const { file, input, others = {}, engines, tensors } = compared;
  const names = engines.map(({ engine }) => engine);
  const cell = (verdict: ValueVerdict | undefined): string =>
    verdict === undefined ? '' : `${times(verdict.ratio)}${verdict.ratio <= 1 ? '' : ' BEYOND'}`;
  const rows = tensors
    .filter((tensor) => Object.keys(tensor.engines).length > 0)
    .map(({ name, op, engines: told }) => [name, op, ...names.map((engine) => cell(told[engine]))]);
  const of = 'seed' in input ? `generated numbers, seed ${input.seed}` : 'file' in input ? input.file : input.picture;
  const shapes = [input.shape, ...Object.values(others)].map(showShape);
  const summary = engines.map(({ engine, version, values, beyond, outputsFromFloat64 }) => [
    engine,
    version,
    String(values),
    String(beyond),
    short(outputsFromFloat64),
  ]);
  return [
    `${file}: ${shapes.join(', ')}, ${of}`,
    "Errors in units of the bound, each value from the same engine's values before it:",
    table([['value', 'made by', ...names], ...rows]),
    '',
    table([['engine', 'version', 'values', 'beyond', 'outputs: error to float64'], ...summary]),
    '',
    verdictOf(compared),
  ].join('\n');
}

function verdictOf({ tensors, firstBeyond }: ComparedEngines): string {
  if (firstBeyond === null) {
    const ratios = tensors.flatMap(({ name, engines }) => Object.entries(engines).map(([engine, { ratio }]) => ({ name, engine, ratio })));
    const nearest = ratios.reduce((most, one) => (one.ratio > most.ratio ? one : most), { name: '', engine: '', ratio: 0 });
    return `all values within their bound; nearest to it: ${nearest.name || 'none'} of ${nearest.engine || 'none'}, ${percent(nearest.ratio, 1)} of it`;
  }
  const { name, op, engines, index, float64, errors, nearest } = firstBeyond;
  const { engines: told } = tensors.find((tensor) => tensor.name === name) as ComparedValue;
  const lines = engines.map((engine) => `  ${engine} ${wordsOf(told[engine] as ValueVerdict)}`);
  const first = `first beyond its bound: ${name} (${op})`;
  if (index.length === 0) return [first, ...lines].join('\n');
  const off = Object.entries(errors).map(([engine, error]) => `${engine} ${short(error)}`);
  return [
    first,
    ...lines,
    `  float64 from the input on has ${exactly(float64)} at ${showShape(index)}; nearest to it: ${nearest} (errors: ${off.join(', ')})`,
  ].join('\n');
}

function wordsOf({ ratio, at, from, misshapen }: ValueVerdict): string {
  if (misshapen) return `gives ${misshapen.name} as ${showShape(misshapen.found)}, where ${showShape(misshapen.expected)} was expected`;
  if (at === undefined) return `is ${times(ratio)} bounds off`;
  const { index, error, bound, expected, found } = at;
  return `at ${showShape(index)}: expected ${exactly(expected)} from ${from.join(', ')}, found ${exactly(found)}, off by ${short(error)} where ${short(bound)} is allowed, ${times(ratio)} times`;
}
