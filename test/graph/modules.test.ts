import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { runsOf } from '../../src/graph/modules.js';
import { prune } from '../../src/graph/prune.js';
import { training } from '../../src/graph/training.js';
import { createModel, listModels } from '../../src/models/index.js';
import { add, conv, named, relu } from '../../src/models/layers.js';
import type { Node, NodeId, Value } from '../../src/ops/op.js';
import { sizeOf } from '../../src/tensor.js';

/** Paths in the order in which PyTorch ran them; those of one number returned the same values. */
interface Tree {
  readonly size: number;
  readonly runs: Readonly<Record<string, number>>;
}

const trees = JSON.parse(readFileSync(new URL('../fixtures/modules/trees.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Tree>
>;

describe.each(Object.entries(trees))("%s, as PyTorch's hooks saw it", (id, { size, runs }) => {
  const graph = createModel(id, { size });
  const nodes = Object.entries(runs).map(([path, value]) => ({ path, value, ids: runsOf(graph, path) }));

  test('every module that returns a tensor has a node', () => {
    expect(nodes.filter(({ ids }) => ids.length !== 1).map(({ path }) => path)).toEqual([]);
  });

  test('two modules have one node if and only if they return the same values', () => {
    const returned = new Map<NodeId | undefined, number>();
    const returning = new Map<number, NodeId | undefined>();
    for (const { path, value, ids } of nodes.filter(({ ids }) => sizeOf((graph.nodes[ids[0] as NodeId] as Node).shape) > 1)) {
      const id = likeItsInput(graph, ids[0] as NodeId);
      expect([path, returned.get(id) ?? value, returning.get(value) ?? id]).toEqual([path, value, id]);
      returned.set(id, value);
      returning.set(value, id);
    }
  });

  test('modules that run again have no node without the number of the run', () => {
    const again = Object.keys(runs).filter((path) => path.endsWith(':1'));
    expect(again.filter((path) => runsOf(graph, path.slice(0, -2)).length < 2)).toEqual([]);
    expect(
      [...(graph.modules as ReadonlyMap<string, unknown[]>)].filter(([path, ids]) => ids.length > 1 && !again.includes(`${path}:1`)),
    ).toEqual([]);
  });
});

/** A pool over planes of one pixel may return these planes. */
function likeItsInput({ nodes }: Graph, id: NodeId): NodeId {
  const { op, inputs } = nodes[id] as Node;
  const [input] = inputs as readonly [NodeId, ...NodeId[]];
  const pools = op === 'globalAvgPool' || op === 'maxPool2d';
  return pools && sizeOf((nodes[input] as Node).shape.slice(2)) === 1 ? input : id;
}

/** Modules whose value is no node: pytorchcv's pre-activated units return it together with their first activation. */
const pairs = /^features\.stage\d\.unit\d+\.body(\.conv1)?$/;

describe.each(listModels().map(({ id }) => id))('%s', (id) => {
  const graph = createModel(id);
  const modules = graph.modules as ReadonlyMap<string, readonly NodeId[]>;

  test('whatever holds a parameter has a node', () => {
    const holders = new Set(graph.nodes.flatMap((node) => (node.op === 'param' ? ancestors(node.attrs.name) : [])));
    expect([...holders].filter((path) => !modules.has(path) && !pairs.test(path))).toEqual([]);
  });

  test('a module returns what is computed from every module in it, and no block returns what its branch does', () => {
    const depends = dependence(graph);
    for (const [path, runs] of modules) {
      const last = runs.at(-1) as NodeId;
      for (const holder of ancestors(path))
        for (const id of modules.get(holder)?.slice(-1) ?? [])
          if (!depends(id, last)) expect.fail(`${holder} is not computed from ${path}`);
    }
    const added = [...modules].filter(([path, [id]]) => graph.nodes[id as NodeId]?.op === 'add' && !path.includes('init_block'));
    for (const [path, [id]] of added)
      for (const branch of ['block', 'f', 'body', 'drop_path', 'stochastic_depth', 'se'])
        expect(modules.get(`${path}.${branch}`)).not.toEqual([id]);
  });
});

/** `layer1.0` and `layer1` of `layer1.0.conv1`. */
function ancestors(path: string): readonly string[] {
  const parts = path.split('.');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('.'));
}

/** Whether one node is computed from another. */
function dependence({ nodes }: Graph): (id: NodeId, on: NodeId) => boolean {
  const known = new Map<NodeId, Uint8Array>();
  return (id, on) => {
    let needed = known.get(id);
    if (needed === undefined) {
      needed = new Uint8Array(id + 1);
      needed[id] = 1;
      for (let at = id; at >= 0; at--) if (needed[at]) for (const input of (nodes[at] as Node).inputs) needed[input] = 1;
      known.set(id, needed);
    }
    return needed[on] === 1;
  };
}

describe('what model code names', () => {
  const block = (x: Value): Value => {
    const u = named(relu(conv(x, 'block.conv', { out: 2, kernel: 1 })), 'block.relu');
    return named(named(relu(add(u, x)), 'block.relu'), 'block', 'all');
  };
  const graph = build([1, 2, 3, 3], block);

  test('layers go by their parameters, the others by what they are called; a second run is `:2`', () => {
    expect([...(graph.modules as ReadonlyMap<string, unknown>)]).toEqual([
      ['block.conv', [2]],
      ['block.relu', [3, 5]],
      ['block', [5]],
      ['all', [5]],
    ]);
    const places = [
      'block.conv',
      'block.relu',
      'block.relu:1',
      'block.relu:2',
      'block.relu:3',
      'block.relu:0',
      'block:1',
      'logits',
      'conv',
    ];
    expect(places.map((name) => runsOf(graph, name))).toEqual([[2], [3, 5], [3], [5], [], [], [5], [5], []]);
  });

  test('stays with the nodes when a graph is rewritten or pruned', () => {
    expect(training(graph).modules).toEqual(graph.modules);
    const pruned = prune({ ...graph, outputs: new Map([['conv', 2]]) });
    expect([...(pruned.modules as ReadonlyMap<string, unknown>)]).toEqual([['block.conv', [2]]]);
    const { modules: _, ...bare } = graph;
    expect(runsOf(bare, 'block.conv')).toEqual([]);
    expect(prune(bare).nodes).toEqual(graph.nodes);
  });
});
