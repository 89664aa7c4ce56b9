import { join, resolve } from 'node:path';
import { Argument, Command } from 'commander';
import { count, revectorizeOption } from '../src/cli/options.js';
import { print } from '../src/node/output.js';
import { root } from '../src/node/package.js';
import { writeWhole } from '../src/node/writeWhole.js';
import { ablationHeadings, ablationReport, ablationResult } from '../src/report/ablation.js';
import { ablations } from './ablationVariants.js';
import { compare } from './compare.js';
import { begin, originOf, rounded, writeResult } from './origin.js';

/** `npm run experiment:ablations`: trains what is missing of the paper's ablations on CIFAR-10, and writes a result and a page for each. */

const recipe = 'recipes/se_resnet20x2_cifar10.json';

type Ablation = keyof typeof ablations;
const names = Object.keys(ablations) as Ablation[];

interface Flags {
  readonly data: string;
  readonly out: string;
  readonly runs: string;
  readonly epochs: number;
  readonly seeds: number;
  readonly threads: number;
  readonly revectorize?: true;
}

const command = new Command('experiment:ablations')
  .addArgument(new Argument('[what...]', 'what varies (default: all)').choices(names))
  .requiredOption('--data <folder>', 'the images, in train/ and test/')
  .option('--out <folder>', 'where results and pages are written', join(root, 'experiments/results'))
  .option('--epochs <number>', 'of each run', count, 10)
  .option('--seeds <number>', 'runs of each network', count, 3)
  .option('--threads <number>', 'that share each step', count, 2)
  .option('--runs <folder>', 'where runs are kept: finished ones are not repeated, others are resumed', 'runs')
  .addOption(revectorizeOption())
  .action(async (what: readonly Ablation[], { data, out, runs, revectorize, ...budget }: Flags) => {
    const place = { data: resolve(data), runs, flags: revectorize ? ['--revectorize'] : [] };
    for (const finding of what.length > 0 ? what : names) {
      const compared = await compare(ablations[finding], { ...budget, recipe }, place);
      const origin = originOf('ablations', `${finding} --epochs ${budget.epochs} --seeds ${budget.seeds}`);
      const result = rounded(ablationResult.read({ ...origin, finding, network: 'ResNet-20 of bottlenecks for CIFAR', ...compared }, ''));
      const stem = join(out, finding);
      await writeResult(result, `${stem}.json`);
      const { html, pictures } = ablationReport(ablationHeadings[finding])(result);
      for (const [file, text] of [
        [`${stem}.html`, html] as const,
        ...Object.entries(pictures).map(([end, svg]) => [`${stem}${end}.svg`, svg] as const),
      ])
        await writeWhole(file, text);
      print(`${stem}.html`);
    }
  });

await begin(command);
