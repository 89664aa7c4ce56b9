import type { Interpreter } from '../../graph/evaluate.js';
import type { CombinationName, FunctionName, ReductionName } from '../../ops/functionNames.js';
import type { ImportedOp, NodeId, OpAttrs, Taps } from '../../ops/op.js';
import type { Shape } from '../../tensor.js';
import type { OnnxWriter } from './regions.js';

/** What writing these ops takes beside the writer. */
export interface NamedWriting {
  /** What the file calls a node's value. */
  nameOf(id: NodeId): string;
  shapeAt(id: NodeId | undefined): Shape;
  floats(name: string, shape: Shape, values: Float32Array): string;
}

/** Operators whose results are floats. */
const combinations: Readonly<Partial<Record<CombinationName, string>>> = {
  add: 'Add',
  subtract: 'Sub',
  multiply: 'Mul',
  divide: 'Div',
  minimum: 'Min',
  maximum: 'Max',
  power: 'Pow',
  prelu: 'PRelu',
};

const reductions: Readonly<Record<ReductionName, string>> = { sum: 'ReduceSum', mean: 'ReduceMean', max: 'ReduceMax', min: 'ReduceMin' };

/** Operators that have no numbers. */
const functions: Readonly<Partial<Record<FunctionName, string>>> = {
  erf: 'Erf',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  abs: 'Abs',
  softplus: 'Softplus',
  floor: 'Floor',
  ceil: 'Ceil',
  round: 'Round',
  sign: 'Sign',
};

/** Of onnx.proto's TensorProto.DataType. */
const types = { float: 1, bool: 9 } as const;

/** What the ops that only files of others have are in ONNX. */
export function importedRules(writer: OnnxWriter, { nameOf, shapeAt, floats }: NamedWriting): Pick<Interpreter<string>, ImportedOp> {
  const { opset, mark } = writer;
  const emit: OnnxWriter['emit'] = (...operator) => writer.emit(...operator);
  const constant: OnnxWriter['constant'] = (name, values) => writer.constant(name, values);
  const scalar: OnnxWriter['scalar'] = (value) => writer.scalar(value);
  const ours = (id: NodeId, part: string): string => `${mark}${id}.${part}`;
  const apply = (x: string, id: NodeId, { function: name, a, b }: OpAttrs['apply']): string => {
    const plain = functions[name];
    if (plain !== undefined) return emit(nameOf(id), plain, [x]);
    switch (name) {
      case 'leakyRelu':
        return emit(nameOf(id), 'LeakyRelu', [x], { alpha: { float: a } });
      case 'elu':
        return emit(nameOf(id), 'Elu', [x], { alpha: { float: a } });
      case 'clip':
        return emit(nameOf(id), 'Clip', [x, a === -Infinity ? '' : scalar(a), b === Infinity ? '' : scalar(b)]);
      case 'power':
        return emit(nameOf(id), 'Pow', [x, scalar(a)]);
      case 'mish':
        return emit(nameOf(id), 'Mul', [x, emit(ours(id, 'tanh'), 'Tanh', [emit(ours(id, 'softplus'), 'Softplus', [x])])]);
    }
    const inner =
      name === 'gelu'
        ? emit(ours(id, 'erf'), 'Erf', [emit(ours(id, 'scaled'), 'Mul', [x, scalar(Math.SQRT1_2)])])
        : emit(ours(id, 'tanh'), 'Tanh', [emit(ours(id, 'scaled'), 'Mul', [cubicOf(x, id), scalar(Math.sqrt(2 / Math.PI))])]);
    const half = emit(ours(id, 'half'), 'Mul', [x, scalar(0.5)]);
    return emit(nameOf(id), 'Mul', [half, emit(ours(id, 'one'), 'Add', [inner, scalar(1)])]);
  };
  const cubicOf = (x: string, id: NodeId): string => {
    const cube = emit(ours(id, 'cube'), 'Mul', [emit(ours(id, 'square'), 'Mul', [x, x]), x]);
    return emit(ours(id, 'sum'), 'Add', [x, emit(ours(id, 'part'), 'Mul', [cube, scalar(0.044715)])]);
  };
  /** Taps as a matrix: lines of the result by lines of x. */
  const matrix = (name: string, taps: Taps, extent: number, isTransposed: boolean): string => {
    const data = new Float32Array(taps.length * extent);
    for (const [i, cells] of taps.entries())
      for (const [cell, weight] of cells) data[isTransposed ? cell * taps.length + i : i * extent + cell] = weight;
    return floats(name, isTransposed ? [extent, taps.length] : [taps.length, extent], data);
  };

  return {
    apply: ([x], { id, attrs }) => apply(x as string, id, attrs),
    combine(inputs, { id, attrs: { combination } }) {
      const plain = combinations[combination];
      if (plain !== undefined) return emit(nameOf(id), plain, inputs);
      const [a, b] = inputs as readonly [string, string];
      if (combination === 'where')
        return emit(nameOf(id), 'Where', [emit(ours(id, 'truth'), 'Cast', [b], { to: types.bool }), a, scalar(0)]);
      const truth = emit(ours(id, 'truth'), combination === 'greater' ? 'Greater' : 'Equal', [a, b]);
      return emit(nameOf(id), 'Cast', [truth], { to: types.float });
    },
    reduce: ([x], { id, attrs: { reduction, axes } }) =>
      reduction === 'sum' || opset >= 18
        ? emit(nameOf(id), reductions[reduction], [x as string, constant(ours(id, 'axes'), axes)])
        : emit(nameOf(id), reductions[reduction], [x as string], { axes }),
    matMul: (inputs, { id }) => emit(nameOf(id), 'MatMul', inputs),
    convTranspose2d(inputs, { id, inputs: [from, w], attrs }) {
      const { stride, padding, dilation, groups, plane } = attrs;
      const [x, filter] = [shapeAt(from).slice(2), shapeAt(w).slice(2)];
      const [top, , , left] = padding;
      // how far the plane ends before what the windows reach, or behind it, where there are zeros
      const beyond = ([0, 1] as const).map((axis) => {
        const reached =
          (stride[axis] as number) * ((x[axis] as number) - 1) + ((filter[axis] as number) - 1) * (dilation[axis] as number) + 1;
        return (plane[axis] as number) + (axis === 0 ? top : left) - reached;
      });
      const rest = beyond.map((cells) => Math.max(cells, 0));
      const isWhole = Math.max(...rest) === 0;
      const y = emit(isWhole ? nameOf(id) : ours(id, 'part'), 'ConvTranspose', inputs, {
        kernel_shape: filter,
        strides: stride,
        pads: [top, left, ...beyond.map((cells) => Math.max(-cells, 0))],
        dilations: dilation,
        group: groups,
      });
      return isWhole ? y : emit(nameOf(id), 'Pad', [y, constant(ours(id, 'rest'), [0, 0, 0, 0, 0, 0, ...rest])]);
    },
    resample([x], { id, inputs: [from], attrs: { rows, columns } }) {
      const [, , H, W] = shapeAt(from) as readonly number[] as readonly [number, number, number, number];
      const down = emit(ours(id, 'down'), 'MatMul', [matrix(ours(id, 'rows'), rows, H, false), x as string]);
      return emit(nameOf(id), 'MatMul', [down, matrix(ours(id, 'columns'), columns, W, true)]);
    },
    /** Cells by their indices; what is outside is one cell more, behind the others. */
    rearrange([x], { id, attrs: { view, order, cells, shape, outside } }) {
      const name = (part: string): string => ours(id, part);
      let y = emit(name('view'), 'Reshape', [x as string, constant(name('view shape'), view)]);
      y = emit(name('order'), 'Transpose', [y], { perm: order });
      for (const [k, list] of cells.entries()) {
        if (list === null) continue;
        const extent = view[order[k] as number] as number;
        if (list.includes(-1)) {
          const pads = Array.from({ length: 2 * order.length }, (_, i) => Number(i === order.length + k));
          y = emit(name(`padded ${k}`), 'Pad', [y, constant(name(`pads ${k}`), pads), scalar(outside)]);
        }
        const indices = list.map((cell) => (cell < 0 ? extent : cell));
        y = emit(name(`cells ${k}`), 'Gather', [y, constant(name(`indices ${k}`), indices)], { axis: k });
      }
      return emit(nameOf(id), 'Reshape', [y, constant(name('shape'), shape)]);
    },
  };
}
