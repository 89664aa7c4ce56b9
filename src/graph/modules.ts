import type { NodeId } from '../ops/op.js';
import type { Graph } from './graph.js';

/** A module's path, or `path:2`, its second run. */
const numbered = /^(.+):([1-9]\d*)$/;

/**
 * The nodes whose values a module of the published definition returns, one a run; none if the network has no such module. `path:2` is its second run
 * alone. Features and outputs (`logits`) go by their names too.
 */
export function runsOf({ modules, features, outputs }: Graph, name: string): readonly NodeId[] {
  const runs = modules?.get(name);
  if (runs !== undefined) return runs;
  const [, path, n] = numbered.exec(name) ?? [];
  const run = path === undefined ? (features?.get(name) ?? outputs.get(name)) : modules?.get(path)?.[Number(n) - 1];
  return run === undefined ? [] : [run];
}

/** Names in the order in which their modules return: what is in a module before the module. */
export function inOrder({ modules }: Graph, names: readonly string[]): readonly string[] {
  const places = new Map([...(modules?.keys() ?? [])].map((path, i) => [path, i]));
  const place = (name: string): number => places.get(name) ?? places.get(numbered.exec(name)?.[1] ?? '') ?? places.size;
  return names.toSorted((a, b) => place(a) - place(b));
}
