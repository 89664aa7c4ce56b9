import { WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import type { Stored } from '../io/tensorFile.js';
import type { Tensor } from '../tensor.js';
import { partsAround } from './beside.js';
import type { Checkpoint } from './checkpoint.js';
import { withClassifier } from './classifier.js';
import { holdsSame } from './holdsSame.js';
import { headOf, sortExtra } from './match.js';
import { extraText, type Misfit, misfitsOf, misfitText, othersIn } from './misfits.js';
import { type State, statesOf } from './state.js';
import { readAll, shaped } from './weights.js';

/** What a network takes over from a file of weights. */
export interface Adopted {
  /** In the network's order and shapes. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The classifier's tensors, if the file's is for another number of classes: they are not in `weights`. */
  readonly left: readonly string[];
  /** Where in the file they lie, as `recognise` says it. */
  readonly takenFrom: string;
}

/**
 * A file's tensors for a network that they may have been trained for but for the classes.
 *
 * @throws WeightsError naming the tensors that are missing or of another shape, or that the network does not have.
 */
export async function adopt(checkpoint: Checkpoint, graph: Graph): Promise<Adopted> {
  let nearest: Fit | undefined;
  for (const state of statesOf(checkpoint)) {
    const fit = fitOf(state, graph);
    if (fit.wrong.length === 0) return { weights: await readAll(fit.taken), left: fit.left, takenFrom: state.takenFrom };
    if (nearest === undefined || fit.wrong.length < nearest.wrong.length) nearest = fit;
    if (fit.unreadable) break;
  }
  const { wrong } = nearest as Fit;
  throw new WeightsError(
    `the tensors are not those of the network: ${wrong.slice(0, 5).join('; ')}${wrong.length > 5 ? `; and ${wrong.length - 5} more` : ''}`,
  );
}

interface Fit {
  readonly taken: ReadonlyMap<string, Stored>;
  readonly left: readonly string[];
  readonly wrong: readonly string[];
  /** Whether a tensor is none that can be read. */
  readonly unreadable: boolean;
}

function fitOf({ tensors: given, others, around }: State, graph: Graph): Fit {
  const classifier = headOf(graph);
  const head = `${classifier}.`;
  const expected = new Map(parameters(graph).map(({ name, shape }) => [name, shape]));
  const renamed = withClassifier<Stored>(classifier, expected, given, around);
  const tensors = renamed?.tensors ?? given;
  const misfits = misfitsOf(expected, tensors);
  const isOfOtherClasses = ({ name, expected: shape, found }: Misfit): boolean =>
    found !== undefined && name.startsWith(head) && found[0] !== shape[0] && holdsSame(shape.slice(1), found.slice(1));

  const amiss = new Set(misfits.map(({ name }) => name));
  const fitting = [...expected].filter(([name]) => !amiss.has(name));
  const { extra } = sortExtra(othersIn(tensors, expected), expected, tensors);
  const [classes, ...features] = tensors.get(`${head}weight`)?.shape ?? [];
  const parts = classes === undefined ? new Map<string, string>() : partsAround(around, { features, classes }, renamed?.outside);
  return {
    taken: new Map(fitting.map(([name, shape]) => [name, shaped(tensors.get(name) as Stored, shape)])),
    left: misfits.filter(isOfOtherClasses).map(({ name }) => name),
    wrong: [
      ...misfits.filter((misfit) => !isOfOtherClasses(misfit)).map((misfit) => misfitText(misfit, others.get(misfit.name))),
      ...[...extra, ...parts.keys()].map((name) => extraText(name, 'network', parts)),
    ],
    unreadable: misfits.some(({ name, found }) => found === undefined && others.has(name)),
  };
}
