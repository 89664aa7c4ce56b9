import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { count, revectorizeOption } from '../src/cli/options.js';
import { ablationResult } from '../src/report/ablation.js';
import { compare, type Trainee } from './compare.js';
import { type CommonFlags, originOf, runExperiment } from './origin.js';

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

const recipe = 'recipes/seresnet20_cifar10.json';

/** Trains a small network for each reduction and seed. */
export function ablation(finding: string, reductions: readonly Reduction[]): Promise<void> {
  const command = new Command(`experiment:${finding}`)
    .addOption(new Option('--depth <layers>', 'of the ResNet').choices(['8', '14']).default('8'))
    .option('--epochs <number>', 'of each run', count, 10)
    .option('--seeds <number>', 'runs of each network', count, 5)
    .option('--threads <number>', 'that share each step', count, 2)
    .option('--runs <folder>', 'where runs are kept: finished ones are not repeated, others are resumed', 'runs')
    .addOption(revectorizeOption());
  return runExperiment(command, ablationResult, async ({ data, runs, depth, revectorize, ...budget }: Flags) => ({
    ...originOf(finding, `--depth ${depth} --epochs ${budget.epochs} --seeds ${budget.seeds}`),
    network: `ResNet-${depth} for CIFAR`,
    ...(await compare(
      reductions.map((reduction) => variantOf(depth, reduction)),
      { ...budget, recipe },
      { data: resolve(data), runs, flags: revectorize ? ['--revectorize'] : [] },
    )),
  }));
}

const variantOf = (depth: string, reduction: Reduction): Trainee =>
  reduction === 'none'
    ? { name: 'without SE', model: `resnet${depth}_cifar10`, options: {} }
    : { name: `SE, reduction ${reduction}`, model: `se_resnet${depth}_cifar10`, options: { reduction } };
