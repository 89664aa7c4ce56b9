import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { count, revectorizeOption } from '../src/cli/options.js';
import { InputError } from '../src/errors.js';
import { count as countOf } from '../src/graph/count.js';
import { record } from '../src/io/schema.js';
import { createModel } from '../src/models/index.js';
import type { ModelOptions } from '../src/models/model.js';
import { readJsonAs } from '../src/node/json.js';
import { root } from '../src/node/package.js';
import { ablationResult } from '../src/report/ablation.js';
import { overlap, sampleOf, welch } from '../src/stats/student.js';
import { type CommonFlags, originOf, runExperiment } from './origin.js';
import { type Place, trained } from './runs.js';

interface Flags extends CommonFlags {
  readonly runs: string;
  readonly depth: '8' | '14';
  readonly epochs: number;
  readonly seeds: number;
  readonly threads: number;
  readonly revectorize?: true;
}

/** Of a small ResNet of the CIFAR form: the reduction of its SE blocks, or none. */
export type Reduction = number | 'none';

const recipeFile = 'recipes/seresnet20_cifar10.json';

/**
 * Trains a network for each reduction and seed, all with one recipe, epochs and order of images, and compares what they do with the test set in the end:
 * the last epoch's weights, so that no image of the test set chooses among any.
 */
export function ablation(finding: string, reductions: readonly Reduction[]): Promise<void> {
  const command = new Command(`experiment:${finding}`)
    .addOption(new Option('--depth <layers>', 'of the ResNet').choices(['8', '14']).default('8'))
    .option('--epochs <number>', 'of each run', count, 10)
    .option('--seeds <number>', 'runs of each network', count, 5)
    .option('--threads <number>', 'that share each step', count, 2)
    .option('--runs <folder>', 'where runs are kept: finished ones are not repeated, others are resumed', 'runs')
    .addOption(revectorizeOption());
  return runExperiment(command, ablationResult, async ({ data, runs, depth, epochs, seeds, threads, revectorize }: Flags) => {
    if (seeds < 2) throw new InputError('--seeds must be 2 or more: one run has no spread');
    const place: Place = { data: resolve(data), runs, flags: revectorize ? ['--revectorize'] : [] };
    const recipe = await readJsonAs(join(root, recipeFile), record);
    const variants = reductions.map((reduction) => ({ ...variantOf(depth, reduction), runs: [] as { seed: number; accuracy: number }[] }));
    for (let seed = 1; seed <= seeds; seed++)
      for (const { model, options, runs } of variants) {
        const name = [model, ...Object.values(options).map((value) => `r${value}`), `${epochs}-epochs`, `seed-${seed}`].join('-');
        const config = { ...recipe, model: `senet/${model}`, options, epochs, seed, threads };
        runs.push({ seed, accuracy: (await trained(name, config, place)).test.accuracy });
      }

    const measured = variants.map((variant) => ({ ...variant, ...sampleOf(accuracies(variant)) }));
    const comparisons = measured.flatMap((a, i) =>
      measured.slice(i + 1).map((b) => ({ than: a.name, name: b.name, ...welch(accuracies(a), accuracies(b)), overlap: overlap(a, b) })),
    );
    return {
      ...originOf(finding, `--depth ${depth} --epochs ${epochs} --seeds ${seeds}`),
      network: `ResNet-${depth} for CIFAR`,
      recipe: `${recipeFile}, but ${epochs} epochs`,
      variants: measured,
      comparisons,
    };
  });
}

const accuracies = ({ runs }: { readonly runs: readonly { readonly accuracy: number }[] }): readonly number[] =>
  runs.map(({ accuracy }) => accuracy);

function variantOf(depth: string, reduction: Reduction) {
  const se = reduction !== 'none';
  const model = `${se ? 'se_' : ''}resnet${depth}_cifar10`;
  const options: ModelOptions = se ? { reduction } : {};
  const { params } = countOf(createModel(`senet/${model}`, { ...options, classes: 10 }));
  return { name: se ? `SE, reduction ${reduction}` : 'without SE', model, options, parameters: params };
}
