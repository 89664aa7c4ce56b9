import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { floats, ints, type NodePart, onnxFile, type TensorPart } from '../../test/support/files/onnx.js';
import type { Draw } from '../draw.js';
import { mutated } from '../make/mutate.js';
import type { Reader } from '../reader.js';

/** ONNX files: an SE block whose shapes are computed, with nodes, weights and arguments that are nearly right. */

const odd = [0, 1, -1, 2, 3, 7, 8, 2 ** 31, -(2 ** 31), 2 ** 53, 2n ** 63n - 1n, -(2n ** 63n)];

function nodesOf(draw: Draw): readonly NodePart[] {
  const whole = (usual: number): number => (draw.once(20) ? Number(draw.pick(odd)) : usual);
  const op = (usual: string): string =>
    draw.once(40) ? draw.pick(['Relu', 'Slice', 'Split', 'Resize', 'Expand', 'Range', 'Loop', 'Transpose', 'Pad']) : usual;
  const value = (usual: string): string => (draw.once(40) ? draw.pick(['x', 'c', 'z', 's', 'shape', 'y', '', 'nothing']) : usual);
  return [
    [op('Conv'), ['x', value('w')], ['c'], { strides: [whole(1), whole(2)], pads: [whole(1), 1, 1, 1], group: whole(1) }],
    [op('ReduceMean'), [value('c')], ['z'], { axes: [whole(2), whole(3)], keepdims: 1 }],
    [op('Conv'), [value('z'), 'w1'], ['e']],
    [op('HardSigmoid'), [value('e')], ['s'], { alpha: { float: draw.pick([1 / 6, 0.2, 0, Number.NaN]) } }],
    [op('Mul'), [value('c'), value('s')], ['m']],
    [op('Shape'), [value('m')], ['shape']],
    [op('Slice'), ['shape', value('from'), value('to')], ['N']],
    [op('Concat'), ['N', value('rest')], ['wanted'], { axis: whole(0) }],
    [op('Reshape'), [value('m'), value('wanted')], ['f']],
    [op('Gemm'), ['f', value('g')], ['y'], { transB: 1 }],
  ];
}

function weightsOf(draw: Draw): readonly TensorPart[] {
  const extent = (usual: number): number => (draw.once(30) ? draw.whole(0, 9) : usual);
  const filled = (name: string, shape: readonly number[]): TensorPart =>
    floats(
      name,
      shape,
      Array.from({ length: shape.reduce((size, each) => size * each, 1) }, () => draw.whole(-9, 9)),
    );
  const list = (name: string, values: readonly number[]): TensorPart =>
    ints(
      name,
      [values.length],
      values.map((usual) => (draw.once(20) ? draw.pick(odd) : usual)),
    );
  return [
    filled('w', [extent(4), extent(3), extent(3), 3]),
    filled('w1', [extent(4), extent(4), 1, 1]),
    filled('g', [2, extent(32)]),
    list('from', [0]),
    list('to', [1]),
    list('rest', [-1]),
  ];
}

export async function openOnnx(): Promise<Reader> {
  return {
    make(draw) {
      const opset = draw.once(20) ? draw.whole(0, 30) : draw.whole(10, 17);
      const file = onnxFile({ opset, nodes: nodesOf(draw), initializers: weightsOf(draw) });
      return { 'model.onnx': draw.once(3) ? mutated(file, draw) : file };
    },
    async read(files) {
      graphOfOnnx(await readOnnx(files['model.onnx'] as Uint8Array), { input: [1, 3, 4, 4], gates: true });
    },
  };
}
