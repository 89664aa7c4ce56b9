import { describe, expect, test } from 'vitest';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { group } from '../../src/plan/group.js';
import { widen } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';
import { floats, ints, type NodePart, onnxFile, type TensorPart } from '../support/files/onnx.js';
import { some } from '../support/length.js';

/** SE blocks as exporters write them: each way to squeeze, with each way to write layers, δ and σ. C is 4, C/r 2, planes are 3×3. */
const [C, R] = [4, 2];

interface Written {
  readonly nodes: readonly NodePart[];
  readonly initializers?: readonly TensorPart[];
}

/** x to z: [N, C, 1, 1], or [N, C] where that is said. */
const squeezes: Readonly<Record<string, Written & { readonly flat?: true }>> = {
  GlobalAveragePool: { nodes: [['GlobalAveragePool', ['x'], ['z']]] },
  'ReduceMean of the last axes': { nodes: [['ReduceMean', ['x'], ['z'], { axes: [-1, -2] }]] },
  'ReduceMean without ones': { nodes: [['ReduceMean', ['x'], ['z'], { axes: [2, 3], keepdims: 0 }]], flat: true },
  'AveragePool of the plane': { nodes: [['AveragePool', ['x'], ['z'], { kernel_shape: [3, 3] }]] },
  'ReduceSum by its cells': {
    nodes: [
      ['ReduceSum', ['x', 'plane'], ['sum']],
      ['Div', ['sum', 'nine'], ['z']],
    ],
    initializers: [floats('nine', [], [9])],
  },
  'one axis after the other': {
    nodes: [
      ['ReduceMean', ['x'], ['rows'], { axes: [3] }],
      ['ReduceMean', ['rows'], ['z'], { axes: [2] }],
    ],
  },
  'one axis after the other, without ones': {
    nodes: [
      ['ReduceMean', ['x'], ['rows'], { axes: [3], keepdims: 0 }],
      ['ReduceMean', ['rows'], ['z'], { axes: [2], keepdims: 0 }],
    ],
    flat: true,
  },
  'GlobalAveragePool of a line': {
    nodes: [
      ['Reshape', ['x', 'line'], ['cells']],
      ['GlobalAveragePool', ['cells'], ['mean']],
      ['Unsqueeze', ['mean', 'last'], ['z']],
    ],
    initializers: [ints('line', [3], [0, 0, -1]), ints('last', [1], [3])],
  },
};

const weights = {
  w1: seeded([R, C], 1).data,
  b1: seeded([R], 2).data,
  w2: seeded([C, R], 3).data.map((value: number) => 3 * value),
  b2: seeded([C], 4).data,
};
const tensorOf = (name: keyof typeof weights, shape: readonly number[]): TensorPart => floats(name, shape, [...weights[name]]);
const transposedOf = (name: 'w1' | 'w2', [O, K]: readonly [number, number]): TensorPart =>
  floats(
    name,
    [K, O],
    Array.from({ length: O * K }, (_, i) => weights[name][(i % O) * K + Math.floor(i / O)] as number),
  );

/** A layer from a to b; `flat` ones take [N, C]. */
type Layer = (w: 'w1' | 'w2', b: 'b1' | 'b2', from: string, to: string) => Written;
const shapeOf = (w: 'w1' | 'w2'): readonly [number, number] => (w === 'w1' ? [R, C] : [C, R]);
const layers: Readonly<Record<string, { readonly layer: Layer; readonly flat: boolean }>> = {
  'Conv 1x1': {
    layer: (w, b, from, to) => ({
      nodes: [['Conv', [from, w, b], [to], { kernel_shape: [1, 1] }]],
      initializers: [tensorOf(w, [...shapeOf(w), 1, 1]), tensorOf(b, [shapeOf(w)[0]])],
    }),
    flat: false,
  },
  'Conv 1x1 and an Add': {
    layer: (w, b, from, to) => ({
      nodes: [
        ['Conv', [from, w], [`${to}.bare`]],
        ['Add', [`${to}.bare`, b], [to]],
      ],
      initializers: [tensorOf(w, [...shapeOf(w), 1, 1]), tensorOf(b, [1, shapeOf(w)[0], 1, 1])],
    }),
    flat: false,
  },
  Gemm: {
    layer: (w, b, from, to) => ({
      nodes: [['Gemm', [from, w, b], [to], { transB: 1 }]],
      initializers: [tensorOf(w, shapeOf(w)), tensorOf(b, [shapeOf(w)[0]])],
    }),
    flat: true,
  },
  'MatMul and an Add': {
    layer: (w, b, from, to) => ({
      nodes: [
        ['MatMul', [from, w], [`${to}.bare`]],
        ['Add', [b, `${to}.bare`], [to]],
      ],
      initializers: [transposedOf(w, shapeOf(w)), tensorOf(b, [shapeOf(w)[0]])],
    }),
    flat: true,
  },
};

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const sixth = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } };

const inners: Readonly<Record<string, { readonly op: string; readonly nodes: readonly NodePart[]; readonly f: (x: number) => number }>> = {
  Relu: { op: 'relu', nodes: [['Relu', ['h'], ['d']]], f: (x) => Math.max(x, 0) },
  SiLU: {
    op: 'silu',
    nodes: [
      ['Sigmoid', ['h'], ['hs']],
      ['Mul', ['h', 'hs'], ['d']],
    ],
    f: (x) => x * sigmoid(x),
  },
  HardSwish: { op: 'hardSwish', nodes: [['HardSwish', ['h'], ['d']]], f: (x) => x * clamp(x / 6 + 0.5, 0, 1) },
  'HardSigmoid times': {
    op: 'hardSwish',
    nodes: [
      ['HardSigmoid', ['h'], ['hs'], sixth],
      ['Mul', ['hs', 'h'], ['d']],
    ],
    f: (x) => x * clamp(x / 6 + 0.5, 0, 1),
  },
};

interface Outer extends Written {
  readonly activation: string;
  readonly slope?: number;
  readonly offset?: number;
  readonly unusual?: RegExp;
  readonly f: (x: number) => number;
}
const hard =
  (alpha: number, beta = 0.5): ((x: number) => number) =>
  (x) =>
    clamp(alpha * x + beta, 0, 1);
const limits = [floats('three', [], [3]), floats('zero', [], [0]), floats('six', [], [6]), floats('sixth', [], [1 / 6])];
const clippedBy = (last: NodePart): Written => ({
  nodes: [['Add', ['e', 'three'], ['e.a']], ['Clip', ['e.a', 'zero', 'six'], ['e.c']], last],
  initializers: limits,
});
const outers: Readonly<Record<string, Outer>> = {
  Sigmoid: { activation: 'sigmoid', nodes: [['Sigmoid', ['e'], ['s']]], f: sigmoid },
  'HardSigmoid of 1/6': { activation: 'hardSigmoid', slope: 1 / 6, nodes: [['HardSigmoid', ['e'], ['s'], sixth]], f: hard(1 / 6) },
  'HardSigmoid as it comes': { activation: 'hardSigmoid', slope: 0.2, nodes: [['HardSigmoid', ['e'], ['s']]], f: hard(0.2) },
  'HardSigmoid of 0.3': {
    activation: 'hardSigmoid',
    slope: 0.3,
    unusual: /slope 0\.300000 and offset 0\.5/,
    nodes: [['HardSigmoid', ['e'], ['s'], { alpha: { float: 0.3 } }]],
    f: hard(Math.fround(0.3)),
  },
  'HardSigmoid of 0.2 and 0.6': {
    activation: 'hardSigmoid',
    slope: 0.2,
    offset: 0.6,
    unusual: /slope 0\.200000 and offset 0\.600000/,
    nodes: [['HardSigmoid', ['e'], ['s'], { alpha: { float: 0.2 }, beta: { float: 0.6 } }]],
    f: hard(Math.fround(0.2), Math.fround(0.6)),
  },
  'Add, Clip, Div': { activation: 'hardSigmoid', slope: 1 / 6, ...clippedBy(['Div', ['e.c', 'six'], ['s']]), f: hard(1 / 6) },
  'Mul, Add, Max, Min': {
    activation: 'hardSigmoid',
    slope: 0.2,
    nodes: [
      ['Mul', ['e', 'fifth'], ['e.m']],
      ['Add', ['e.m', 'half'], ['e.a']],
      ['Max', ['e.a', 'zero'], ['e.p']],
      ['Min', ['e.p', 'one'], ['s']],
    ],
    initializers: [floats('fifth', [], [0.2]), floats('half', [], [0.5]), floats('zero', [], [0]), floats('one', [], [1])],
    f: hard(0.2),
  },
  'Add, Clip, Mul': { activation: 'hardSigmoid', slope: 1 / 6, ...clippedBy(['Mul', ['e.c', 'sixth'], ['s']]), f: hard(1 / 6) },
};

interface Block {
  readonly squeeze: string;
  readonly layer: string;
  readonly inner: string;
  readonly outer: string;
}

function blockOf({ squeeze, layer: written, inner, outer }: Block): { readonly file: Uint8Array; readonly f: (x: number) => number } {
  const { layer, flat } = layers[written] as (typeof layers)[string];
  const squeezed = squeezes[squeeze] as (typeof squeezes)[string];
  const [reduce, expand] = [layer('w1', 'b1', 'z.in', 'h'), layer('w2', 'b2', 'd', 'e')];
  const isFlat = squeezed.flat === true;
  const ones: NodePart =
    flat === isFlat ? ['Identity', ['z'], ['z.in']] : flat ? ['Flatten', ['z'], ['z.in']] : ['Unsqueeze', ['z', 'plane'], ['z.in']];
  const back: NodePart = flat ? ['Unsqueeze', ['s', 'plane'], ['s.in']] : ['Identity', ['s'], ['s.in']];
  const { nodes: gate, initializers = [], f } = outers[outer] as Outer;
  const nodes = [
    ...squeezed.nodes,
    ones,
    ...reduce.nodes,
    ...(inners[inner]?.nodes ?? []),
    ...expand.nodes,
    ...gate,
    back,
    ['Mul', ['x', 's.in'], ['y']] as NodePart,
  ];
  const all = [
    ...(reduce.initializers ?? []),
    ...(expand.initializers ?? []),
    ...initializers,
    ...(squeezed.initializers ?? []),
    ints('plane', [2], [2, 3]),
  ];
  return { file: onnxFile({ opset: 14, nodes, initializers: all }), f };
}

/** What the block is, by its formula (Hu 2018, eq. 2 to 4), in float64. */
function expected(
  x: readonly number[],
  inner: (value: number) => number,
  outer: (value: number) => number,
): { readonly gate: readonly number[]; readonly y: readonly number[] } {
  const z = Array.from({ length: C }, (_, c) => x.slice(9 * c, 9 * c + 9).reduce((sum, value) => sum + value, 0) / 9);
  const dense = (w: ArrayLike<number>, b: ArrayLike<number>, from: readonly number[]): readonly number[] =>
    Array.from({ length: b.length }, (_, o) =>
      from.reduce((sum, value, k) => sum + (w[o * from.length + k] as number) * value, b[o] as number),
    );
  const gate = dense(weights.w2, weights.b2, dense(weights.w1, weights.b1, z).map(inner)).map(outer);
  return { gate, y: x.map((value, i) => value * (gate[Math.floor(i / 9)] as number)) };
}

const blocks = Object.keys(squeezes).flatMap((squeeze) =>
  Object.keys(layers).flatMap((layer) =>
    Object.keys(inners).flatMap((inner) => Object.keys(outers).map((outer): Block => ({ squeeze, layer, inner, outer }))),
  ),
);

const image = seeded([1, C, 3, 3], 9);

describe('an SE block is one, whichever exporter wrote it', () => {
  test.each(some(blocks, 5).map((block) => [Object.values(block).join('; '), block] as const))('%s', async (_, block) => {
    const { file } = blockOf(block);
    const model = await readOnnx(file);
    const { graph, weights: read, gates } = graphOfOnnx(model, { input: [1, C, 3, 3], gates: true });
    const { activation, slope, offset = 0.5, unusual, f } = outers[block.outer] as Outer;
    const { op, f: inner } = inners[block.inner] as (typeof inners)[string];
    expect([...gates.keys()]).toEqual(['s']);
    const gate = gates.get('s');
    expect([gate?.activation, gate?.inner]).toEqual([activation, op]);
    if (slope !== undefined)
      expect([gate?.slope, gate?.offset].map((value) => Math.fround(value ?? 0))).toEqual([slope, offset].map(Math.fround));
    if (unusual === undefined) expect(gate?.unusual).toBeUndefined();
    else expect(gate?.unusual).toMatch(unusual);

    // the gate is an output, and what it scales is what the formula says
    const wide = new Map([...read].map(([name, tensor]) => [name, widen(tensor)]));
    const found = evaluate(graph, reference(wide, { input: widen(image) }));
    const { gate: s, y } = expected([...image.data], inner, f);
    for (const [i, value] of s.entries()) expect(found.get('s')?.data[i]).toBeCloseTo(value, 6);
    for (const [i, value] of y.entries()) expect(found.get('y')?.data[i]).toBeCloseTo(value, 6);

    // the planner sees one excitation, as in networks of ours
    const bare = graphOfOnnx(model, { input: [1, C, 3, 3] }).graph;
    const fused = group(bare).map((members) => members.map((id) => bare.nodes[id]?.op).join(' '));
    expect(fused).toContain(`linear ${op} linear ${activation}`);

    const host = graphOfOnnx(model, { input: [1, C, 3, 3], se: false });
    expect([host.graph.nodes.map((node) => node.op), host.weights.size, host.gates.size]).toEqual([['input'], 0, 0]);
  });
});

describe('a gate that no published network has is told, and is one all the same', () => {
  const conv = layers['Conv 1x1'] as (typeof layers)[string];
  const gateOf = async (nodes: readonly NodePart[]) => {
    const initializers = [...(conv.layer('w1', 'b1', '', '').initializers ?? []), ...(conv.layer('w2', 'b2', '', '').initializers ?? [])];
    const all: readonly NodePart[] = [['GlobalAveragePool', ['x'], ['z']], ...nodes, ['Mul', ['x', 's'], ['y']]];
    return graphOfOnnx(await readOnnx(onnxFile({ opset: 14, nodes: all, initializers })), { input: [1, C, 3, 3] }).gates.get('s');
  };
  test.each<readonly [string, readonly NodePart[], RegExp]>([
    [
      'functions in another order',
      [
        ['Conv', ['z', 'w1', 'b1'], ['h']],
        ['Sigmoid', ['h'], ['d']],
        ['Conv', ['d', 'w2', 'b2'], ['e']],
        ['Relu', ['e'], ['s']],
      ],
      /its order is linear, sigmoid, linear, relu/,
    ],
    [
      'no function between',
      [
        ['Conv', ['z', 'w1', 'b1'], ['h']],
        ['Conv', ['h', 'w2', 'b2'], ['e']],
        ['Sigmoid', ['e'], ['s']],
      ],
      /its order is linear, linear, sigmoid/,
    ],
    ['no layer', [['Sigmoid', ['z'], ['s']]], /its order is sigmoid/],
  ])('%s', async (_, nodes, message) => {
    expect((await gateOf(nodes))?.unusual).toMatch(message);
  });

  test('one layer is published (eSE), and has nothing between', async () => {
    const square = floats('w', [C, C, 1, 1], [...seeded([C, C], 7).data]);
    const nodes: readonly NodePart[] = [
      ['GlobalAveragePool', ['x'], ['z']],
      ['Conv', ['z', 'w'], ['e']],
      ['HardSigmoid', ['e'], ['s'], sixth],
      ['Mul', ['x', 's'], ['y']],
    ];
    const { gates } = graphOfOnnx(await readOnnx(onnxFile({ opset: 14, nodes, initializers: [square] })), { input: [1, C, 3, 3] });
    expect(gates.get('s')).toEqual({ activation: 'hardSigmoid', slope: 1 / 6, offset: 0.5, inner: null });
  });
});
