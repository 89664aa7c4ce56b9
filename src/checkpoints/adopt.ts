import { WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import type { Stored } from '../io/tensorFile.js';
import type { Shape, Tensor } from '../tensor.js';
import { partsAround } from './beside.js';
import type { Checkpoint } from './checkpoint.js';
import { withClassifier } from './classifier.js';
import { holdsSame } from './holdsSame.js';
import { classifierOf, extraText, missingText, sortExtra } from './match.js';
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
  const classifier = classifierOf(graph);
  const head = `${classifier}.`;
  const expected = new Map(parameters(graph).map(({ name, shape }) => [name, shape]));
  const renamed = withClassifier<Stored>(classifier, expected, given, around);
  const tensors = renamed?.tensors ?? given;
  const otherClasses = (name: string, shape: Shape, found: Shape): boolean =>
    name.startsWith(head) && found[0] !== shape[0] && holdsSame(shape.slice(1), found.slice(1));

  const wrong: string[] = [];
  const taken = new Map<string, Stored>();
  const left: string[] = [];
  let unreadable = false;
  for (const [name, shape] of expected) {
    const stored = tensors.get(name);
    if (stored === undefined) {
      wrong.push(missingText(name, others.get(name)));
      unreadable ||= others.has(name);
    } else if (holdsSame(shape, stored.shape)) taken.set(name, shaped(stored, shape));
    else if (otherClasses(name, shape, stored.shape)) left.push(name);
    else wrong.push(`${name} is [${stored.shape.join(', ')}], not [${shape.join(', ')}]`);
  }
  const unknown = [...tensors.keys()].filter((name) => !expected.has(name));
  for (const name of sortExtra(unknown, expected, tensors).extra) wrong.push(extraText(name, undefined));
  const [classes, ...features] = tensors.get(`${head}weight`)?.shape ?? [];
  if (classes !== undefined) {
    const parts = partsAround(around, { features, classes }, renamed?.outside);
    for (const name of parts.keys()) wrong.push(extraText(name, parts));
  }
  return { taken, left, wrong, unreadable };
}
