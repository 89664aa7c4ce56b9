import { expect, test } from 'vitest';
import { PlanError, ShapeError } from '../../src/errors.js';
import { checkGraph } from '../../src/graph/check.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { grad } from '../../src/graph/grad.js';
import type { Graph } from '../../src/graph/graph.js';
import { training } from '../../src/graph/training.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel, listModels } from '../../src/models/index.js';
import { compile } from '../../src/wasm/session.js';

/** As somebody writes one by hand: y = relu(x ∗ w). */
const image = { id: 0, op: 'input', inputs: [], attrs: { name: 'input', shape: [1, 3, 8, 8] }, shape: [1, 3, 8, 8] };
const weight = { id: 1, op: 'param', inputs: [], attrs: { name: 'w', shape: [4, 3, 3, 3], trainable: true }, shape: [4, 3, 3, 3] };
const attrs = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 };
const conv = { id: 2, op: 'conv2d', inputs: [0, 1], attrs, shape: [1, 4, 8, 8] };
const relu = { id: 3, op: 'relu', inputs: [2], attrs: {}, shape: [1, 4, 8, 8] };
const graphOf = (nodes: readonly unknown[], outputs: unknown = new Map([['logits', 3]]), parameters: unknown = [1]): Graph =>
  ({ nodes, outputs, parameters }) as Graph;
const withConv = (change: object): Graph => graphOf([image, weight, { ...conv, ...change }, relu]);
const withAttrs = (change: object): Graph => withConv({ attrs: { ...attrs, ...change } });

const wrong: readonly [what: string, graph: Graph, error: typeof PlanError | typeof ShapeError, message: RegExp][] = [
  ['a shape that lies', withConv({ shape: [1, 4, 80, 80] }), ShapeError, /node 2, conv2d: computed \[1, 4, 8, 8\], found \[1, 4, 80, 80\]/],
  ['a leaf that lies', graphOf([{ ...image, shape: [1, 3, 4, 4] }, weight, conv, relu]), ShapeError, /node 0, input/],
  ['operands that do not fit', withAttrs({ groups: 2 }), ShapeError, /node 2, conv2d with groups 2/],
  ['too few operands', withConv({ inputs: [0] }), ShapeError, /node 2, conv2d takes x, w and maybe a bias/],
  ['no operands', withConv({ inputs: [] }), ShapeError, /node 2/],
  ['an operand behind', withConv({ inputs: [0, 3] }), PlanError, /node 2: conv2d reads nodes before it, not \[0, 3\]/],
  ['an operand that is no id', withConv({ inputs: [0, '1'] }), PlanError, /reads nodes before it/],
  ['an op that there is not', withConv({ op: 'conv3d' }), PlanError, /node 2: there is no op conv3d/],
  ['an op of every object', withConv({ op: 'constructor' }), PlanError, /there is no op constructor/],
  ['ids out of order', withConv({ id: 7 }), PlanError, /node 2: its id is 7/],
  ['no attributes', withConv({ attrs: undefined }), PlanError, /has no attributes/],
  ['a stride of half a pixel', withAttrs({ stride: [0.5, 1] }), PlanError, /conv2d cannot have stride \[0.5, 1\]/],
  ['a padding that is missing', withAttrs({ padding: undefined }), PlanError, /cannot have padding undefined/],
  ['a padding on two sides', withAttrs({ padding: [1, 1] }), PlanError, /cannot have padding/],
  ['groups that are no number', withAttrs({ groups: Number.NaN }), PlanError, /cannot have groups NaN/],
  ['a node that is none', graphOf([image, weight, conv, null]), PlanError, /node 3: expected a node, found null/],
  ['an output that is nowhere', graphOf([image, weight, conv, relu], new Map([['logits', 9]])), PlanError, /output logits is node 9/],
  ['a parameter that is not listed', graphOf([image, weight, conv, relu], undefined, []), PlanError, /the 1 nodes of param/],
  ['a parameter that is none', graphOf([image, weight, conv, relu], undefined, [2]), PlanError, /parameter 2 is no node of param/],
  ['a name twice', graphOf([image, weight, conv, { ...weight, id: 3 }], undefined, [1, 3]), PlanError, /two nodes of param are called w/],
];

test.each(wrong)('%s', async (_, graph, error, message) => {
  expect(() => checkGraph(graph)).toThrow(error);
  expect(() => checkGraph(graph)).toThrow(message);
  const weights = new Map([['w', syntheticTensor('w', [4, 3, 3, 3], 1)]]);
  await expect(compile(graph, weights)).rejects.toThrow(error);
  expect(() => evaluate(graph, reference(weights, { input: syntheticTensor('input', [1, 3, 8, 8], 1) }))).toThrow(error);
});

test('a graph by hand that says the truth runs', async () => {
  const graph = graphOf([image, weight, conv, relu]);
  using session = await compile(graph, syntheticWeights(graph, { seed: 1 }));
  expect(session.run(syntheticTensor('input', [1, 3, 8, 8], 1)).get('logits')?.shape).toEqual([1, 4, 8, 8]);
});

test('every network of the zoo, and one in training, pass', () => {
  for (const { id } of listModels()) checkGraph(createModel(id));
  const small = createModel('senet/se_mobilenetv1_100', { size: 32, batch: 2 });
  checkGraph(grad(training(small), (logits) => logits.graph.emit('mean', [logits], {})));
});
