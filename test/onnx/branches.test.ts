import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { floats, type GraphPart, ints, type NodePart, type OnnxParts, onnxFile } from '../support/files/onnx.js';
import { counting, imported, opsOf, run } from './run.js';

/** Exporters write an If where a program asks for a shape (torch.jit.script): the condition is known once the input's shape is. */

const condition: readonly NodePart[] = [
  ['Shape', ['x'], ['shape']],
  ['Gather', ['shape', 'one'], ['width']],
  ['Greater', ['width', 'two'], ['wide']],
];
const initializers = [ints('one', [], [1]), ints('two', [], [2]), floats('factor', [], [10])];
const chosen = (then: GraphPart, otherwise: GraphPart, outputs: readonly string[] = ['y']): OnnxParts => ({
  nodes: [...condition, ['If', ['wide'], outputs, { then_branch: { graph: then }, else_branch: { graph: otherwise } }]],
  initializers,
});
const of = (...nodes: readonly NodePart[]): GraphPart => ({ nodes, outputs: ['result'] });
const wide = counting([1, 3]);
const narrow = counting([1, 2]);

describe('If', () => {
  test('takes the branch that the shape of the input names; both read values around them and may use the same names', async () => {
    const parts = chosen(
      of(['Mul', ['x', 'factor'], ['a']], ['Neg', ['a'], ['result']]),
      of(['Add', ['x', 'factor'], ['a']], ['Identity', ['a'], ['result']]),
    );
    expect(await run(parts, wide)).toEqual([-10, -20, -30]);
    expect(await run(parts, narrow)).toEqual([11, 12]);
    expect((await readOnnx(onnxFile(parts))).nodes.map(({ op }) => op)).toEqual([
      ...['Shape', 'Gather', 'Greater', 'Mul', 'Neg', 'Add', 'Identity', 'If'],
    ]);
  });

  test('has initializers and values from around it as results', async () => {
    const parts = chosen(
      { nodes: [['Mul', ['x', 'w'], ['result']]], initializers: [floats('w', [1, 3], [1, 2, 3])], outputs: ['result'] },
      { nodes: [], outputs: ['x'] },
    );
    expect(await run(parts, wide)).toEqual([1, 4, 9]);
    expect(await run(parts, narrow)).toEqual([1, 2]);
  });

  test('within If', async () => {
    const asked: readonly NodePart[] = [
      ['Less', ['width', 'four'], ['less']],
      [
        'If',
        ['less'],
        ['result'],
        { then_branch: { graph: of(['Neg', ['a'], ['result']]) }, else_branch: { graph: of(['Identity', ['a'], ['result']]) } },
      ],
    ];
    const outer: GraphPart = {
      nodes: [['Mul', ['x', 'factor'], ['a']], ...asked],
      initializers: [ints('four', [], [4])],
      outputs: ['result'],
    };
    const parts = chosen(outer, of(['Identity', ['x'], ['result']]));
    expect(await run(parts, narrow)).toEqual([1, 2]);
    expect(await run(parts, wide)).toEqual([-10, -20, -30]);
    expect(await run(parts, counting([1, 4]))).toEqual([10, 20, 30, 40]);
  });

  test('of constants is one', async () => {
    const parts = chosen({ nodes: [], outputs: ['factor'] }, { nodes: [], outputs: ['one'] }, ['c']);
    expect(await run({ ...parts, nodes: [...parts.nodes, ['Mul', ['x', 'c'], ['y']]] }, wide)).toEqual([10, 20, 30]);
  });

  test('has several outputs', async () => {
    const two = (...nodes: readonly NodePart[]): GraphPart => ({ nodes, outputs: ['p', 'q'] });
    const parts = chosen(two(['Neg', ['x'], ['p']], ['Relu', ['x'], ['q']]), two(['Relu', ['x'], ['p']], ['Neg', ['x'], ['q']]), [
      'a',
      'b',
    ]);
    const nodes: readonly NodePart[] = [...parts.nodes, ['Concat', ['a', 'b'], ['y'], { axis: 1 }]];
    expect(await run({ ...parts, nodes }, wide)).toEqual([-1, -2, -3, 1, 2, 3]);
    expect(await run({ ...parts, nodes }, narrow)).toEqual([1, 2, -1, -2]);
  });

  test('what is not taken need not be known, and is not in the graph', async () => {
    const parts = chosen(of(['Relu', ['x'], ['result']]), of(['Unknown', ['x'], ['result']]));
    expect(opsOf(await imported(parts, [1, 3]))).toEqual(['relu']);
    await expect(imported(parts, [1, 2])).rejects.toThrow('Unknown of operator set 13 (this operator is not known)');
  });

  test('an SE block in a branch is found', async () => {
    const block = of(
      ['GlobalAveragePool', ['x'], ['z']],
      ['Conv', ['z', 'w'], ['e']],
      ['Sigmoid', ['e'], ['s']],
      ['Mul', ['x', 's'], ['result']],
    );
    const parts = chosen(block, of(['Identity', ['x'], ['result']]));
    const weight = floats('w', [3, 3, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const model = await readOnnx(onnxFile({ ...parts, initializers: [...initializers, weight] }));
    expect([...graphOfOnnx(model, { input: [1, 3, 2, 2] }).gates.keys()]).toEqual(['y/then/s']);
  });

  test('by a value is refused, as is one whose branches do not give what it does', async () => {
    const relu = of(['Relu', ['x'], ['result']]);
    const branches = { then_branch: { graph: relu }, else_branch: { graph: relu } };
    const byValue: readonly NodePart[] = [
      ['Greater', ['x', 'factor'], ['c']],
      ['If', ['c'], ['y'], branches],
    ];
    await expect(run({ nodes: byValue, initializers }, wide)).rejects.toThrow('If of operator set 13 (the condition must be constant)');
    await expect(run(chosen({ ...relu, outputs: [] }, relu), wide)).rejects.toThrow('its branches are not known');
  });

  test('is read to a depth, beyond which a file is damaged', async () => {
    const within = (depth: number): GraphPart =>
      depth === 0
        ? of(['Relu', ['x'], ['result']])
        : of([
            'If',
            ['wide'],
            ['result'],
            { then_branch: { graph: within(depth - 1) }, else_branch: { graph: of(['Neg', ['x'], ['result']]) } },
          ]);
    const parts = (depth: number): OnnxParts => chosen(within(depth), of(['Neg', ['x'], ['result']]));
    expect(await run(parts(15), wide)).toEqual([1, 2, 3]);
    await expect(readOnnx(onnxFile(parts(16)))).rejects.toThrow(WeightsError);
  });
});

describe('FusedMatMul of onnxruntime', () => {
  const fused = (attributes: NodePart[3], inputs = ['x', 'w']): OnnxParts => ({
    nodes: [['FusedMatMul', inputs, ['y'], attributes, 'com.microsoft']],
    initializers: [floats('w', [2, 3], [1, 2, 3, 4, 5, 6])],
  });
  test('transposes and scales', async () => {
    expect(await run(fused({ transB: 1, alpha: { float: 0.5 } }), counting([1, 3]))).toEqual([7, 16]);
    expect(await run(fused({ transA: 1 }), counting([2, 2]))).toEqual([13, 17, 21, 18, 24, 30]);
    expect(await run(fused({ transB: 1 }, ['x', 'x']), counting([2, 2]))).toEqual([5, 11, 11, 25]);
    await expect(run(fused({ transBatchA: 1 }), counting([1, 3]))).rejects.toThrow('batches that are moved are not known');
  });
});
