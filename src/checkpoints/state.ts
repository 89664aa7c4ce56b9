import type { Stored } from '../io/tensorFile.js';
import type { Source } from '../models/model.js';
import { fromCaffe } from './caffe.js';
import type { Checkpoint } from './checkpoint.js';
import { detector, families } from './families.js';

/** A file's tensors by their names in the network, and whose names they are. */
export interface State {
  readonly tensors: ReadonlyMap<string, Stored>;
  /** `unknown` if nobody's. */
  readonly family: string;
  /** Sources of the networks that may fit; undefined: any. */
  readonly sources?: readonly Source[];
  /** What told. */
  readonly because: string;
}

/** Without trainers' prefixes and counters. @throws WeightsError for Caffe layers whose blobs make no sense. */
export function stateOf({ format, tensors: named }: Checkpoint): State {
  if (format === 'caffe') {
    const { tensors, told } = fromCaffe(named);
    return { tensors, family: "the authors' Caffe release", sources: ['caffe'], because: told };
  }
  const prefix = commonPrefix([...named.keys()]);
  const tensors = new Map(
    [...named]
      .map(([name, stored]) => [name.slice(prefix.length), stored] as const)
      .filter(([name]) => !name.endsWith('num_batches_tracked')),
  );
  const names = [...tensors.keys()];
  for (const { name: family, tells, sources } of families) {
    const told = names.find((name) => tells.test(name));
    if (told !== undefined) return { tensors, family, sources, because: `a tensor is called ${prefix}${told}` };
  }
  const detected = names.find((name) => detector.test(name));
  const because =
    detected === undefined ? 'no tensor has a name that tells' : `${detected} belongs to a detector, which is none of the networks here`;
  return { tensors, family: 'unknown', because };
}

/** Trainers put the network below a module or two of theirs: `module.`, `model.`. No network of the zoo is all below one module. */
function commonPrefix(names: readonly string[]): string {
  const [first = ''] = names;
  for (let prefix = ''; ; ) {
    const next = first.slice(0, first.indexOf('.', prefix.length) + 1);
    if (next.length <= prefix.length || !names.every((name) => name.startsWith(next))) return prefix;
    prefix = next;
  }
}
