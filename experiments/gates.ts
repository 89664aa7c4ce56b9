import { Command } from 'commander';
import { openNetwork } from '../src/cli/network.js';
import { InputError } from '../src/errors.js';
import { gatesResult } from '../src/report/gates.js';
import { classNames, look } from './images.js';
import { type Excited, moments } from './moments.js';
import { type CommonFlags, originOf, runExperiment } from './origin.js';

/**
 * `npm run experiment:gates`: figures 6 and 7 of the paper (Hu 2018, §7.2; docs/spec/paper.md §6) on the test images: the mean excitation of every channel for four classes and for
 * all, by SE block in the order of depth, with standard deviations.
 */

/** Two pairs of classes that are close to one another and far from the other pair. */
const shown = ['airplane', 'automobile', 'cat', 'dog'] as const;

interface Flags extends CommonFlags {
  readonly weights?: string;
}

const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

const command = new Command('experiment:gates').option('--weights <file>', 'a checkpoint (default: the network that ships)');
await runExperiment(command, gatesResult, async ({ data, ...flags }: Flags) => {
  const network = await openNetwork(flags);
  const names = classNames(network);
  const all = moments();
  const byClass = new Map(shown.map((name) => [name, moments()]));
  for await (const { label, gates } of look(network, { data, split: 'test' })) {
    all.add(gates);
    byClass.get(names[label] as (typeof shown)[number])?.add(gates);
  }

  for (const [name, { count }] of byClass)
    if (count() === 0) throw new InputError(`${data}: expected test images of ${shown.join(', ')}, found none of ${name}`);

  const blocks = [...all.of()].map(([path, overall]) => {
    const classes = [...byClass].map(([name, one]) => ({ name, ...(one.of().get(path) as Excited) }));
    return {
      path,
      overall,
      classes,
      /** Root mean squares over channels and the four classes: of a class's mean less that of all, and of its deviations. */
      betweenClasses: rms(classes.flatMap(({ mean }) => mean.map((value, c) => value - (overall.mean[c] as number)))),
      withinClasses: rms(classes.flatMap(({ deviation }) => deviation)),
    };
  });
  return { ...originOf('gates'), network: network.name, tested: all.count(), blocks };
});
