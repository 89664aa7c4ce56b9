import { join } from 'node:path';
import { InputError } from '../src/errors.js';
import { count } from '../src/graph/count.js';
import { record } from '../src/io/schema.js';
import { createModel } from '../src/models/index.js';
import type { GateOption, ModelOptions } from '../src/models/model.js';
import { readJsonAs } from '../src/node/json.js';
import { root } from '../src/node/package.js';
import { runFiles } from '../src/node/runs/folder.js';
import { overlap, sampleOf, welch } from '../src/stats/student.js';
import { type Place, trained } from './runs.js';
import { leastSpread } from './spread.js';

/** A network that is trained. */
export interface Trainee {
  /** For people. */
  readonly name: string;
  /** Of the source `senet`. */
  readonly model: string;
  readonly options: Pick<ModelOptions, GateOption>;
}

export interface Budget {
  /** A file of `recipes/`, whose network, options and epochs do not count. */
  readonly recipe: string;
  readonly epochs: number;
  readonly seeds: number;
  readonly threads: number;
}

/**
 * Trains each network with each seed, all with one recipe, epochs and order of images, and compares what they do with the test set in the end: the last
 * epoch's weights, so that no image of the test set chooses among any.
 *
 * @throws InputError for a single seed, which has no spread
 */
export async function compare(variants: readonly Trainee[], { recipe, epochs, seeds, threads }: Budget, place: Place) {
  if (seeds < 2) throw new InputError('--seeds must be 2 or more: one run has no spread');
  const usual = await readJsonAs(join(root, recipe), record);
  const measured = variants.map((variant) => ({ ...variant, runs: [] as Run[] }));
  for (let seed = 1; seed <= seeds; seed++)
    for (const { model, options, runs } of measured) {
      const name = [model, ...Object.entries(options).map(optionText), `${epochs}-epochs`, `seed-${seed}`].join('-');
      const { test } = await trained(name, { ...usual, model: `senet/${model}`, options, epochs, seed, threads }, place);
      runs.push({ seed, accuracy: test.accuracy, spread: await leastSpread(join(place.runs, name, runFiles.last), place.data) });
    }
  const rows = measured.map(({ runs, ...variant }) => ({
    ...variant,
    parameters: parametersOf(variant),
    runs,
    ...sampleOf(accuracies(runs)),
  }));
  const comparisons = rows.flatMap((a, i) =>
    rows
      .slice(i + 1)
      .map((b) => ({ than: a.name, name: b.name, ...welch(accuracies(a.runs), accuracies(b.runs)), overlap: overlap(a, b) })),
  );
  return { recipe: `${recipe}, but ${epochs} epochs`, variants: rows, comparisons };
}

interface Run {
  readonly seed: number;
  readonly accuracy: number;
  readonly spread: number | undefined;
}

const accuracies = (runs: readonly Run[]): readonly number[] => runs.map(({ accuracy }) => accuracy);

const parametersOf = ({ model, options }: Pick<Trainee, 'model' | 'options'>): number =>
  count(createModel(`senet/${model}`, { ...options, classes: 10 })).params;

/** An option as a part of a folder's name. */
const optionText = ([key, value]: [string, unknown]): string => (key === 'reduction' ? `r${value}` : [key, ...[value].flat()].join('-'));
