import type { NodeId } from '../ops/op.js';
import type { Graph } from './graph.js';

/**
 * The nodes whose values a module of the published definition returns, one a run; none if the network has no such module. `path:2` is its second run
 * alone. Outputs (`logits`) go by their names too.
 */
export function runsOf({ modules, outputs }: Graph, name: string): readonly NodeId[] {
  const runs = modules?.get(name);
  if (runs !== undefined) return runs;
  const [, path, n] = /^(.+):([1-9]\d*)$/.exec(name) ?? [];
  const run = path === undefined ? outputs.get(name) : modules?.get(path)?.[Number(n) - 1];
  return run === undefined ? [] : [run];
}
