import { openNetwork } from '../src/cli/network.js';
import { begin, finish } from './flags.js';
import { type Excited, moments } from './moments.js';
import { look } from './images.js';

/**
 * `npm run finding:gates`: figures 6 and 7 of the paper (Hu 2018, §7.2) on the test images: the mean excitation of every channel for four classes and for
 * all, by SE block in the order of depth, with standard deviations.
 */

/** Far from and close to one another, as the paper's goldfish, pug, plane and cliff are. */
const shown = ['airplane', 'automobile', 'cat', 'dog'] as const;

const { flags, origin } = begin('gates');
const network = await openNetwork(flags);
const names = network.labels?.map(({ name }) => name) ?? [];
const all = moments();
const byClass = new Map(shown.map((name) => [name, moments()]));
for await (const { label, gates } of look(network, { data: flags.data, split: 'test' })) {
  all.add(gates);
  byClass.get(names[label] as (typeof shown)[number])?.add(gates);
}

/** How far a class's means are from those of all, in root mean square over channels. */
const distance = (a: Excited, b: Excited): number =>
  Math.sqrt(a.mean.reduce((sum, value, c) => sum + (value - (b.mean[c] as number)) ** 2, 0) / a.mean.length);
const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

const blocks = [...all.of()].map(([path, overall]) => {
  const classes = [...byClass].map(([name, one]) => ({ name, ...(one.of().get(path) as Excited) }));
  return {
    path,
    overall,
    classes,
    /** Root mean squares over channels: between classes, and within one, averaged over the four. */
    betweenClasses: rms(classes.map((one) => distance(one, overall))),
    withinClasses: rms(classes.map(({ deviation }) => rms(deviation))),
  };
});
await finish({ ...origin, network: network.name, tested: all.count(), blocks } as typeof origin);
