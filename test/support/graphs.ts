import fc from 'fast-check';
import { inputLike, param } from '../../reference/properties/case.js';
import { extents, seeds } from '../../reference/properties/draw.js';
import { type Convolution, convolutions } from '../../reference/properties/windows.js';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { ops } from '../../src/ops/index.js';
import type { Node, OpAttrs, OpName, PointwiseOp, Value } from '../../src/ops/op.js';
import type { Kernel } from '../../src/plan/abi.js';
import { furtherRulesOf } from '../../src/plan/further.js';
import { lower } from '../../src/plan/lower.js';
import type { Algorithms } from '../../src/plan/plan.js';
import type { Shape } from '../../src/tensor.js';

/** Graphs of one kernel call, or a few, for properties of kernels. */

export { inputLike, param } from '../../reference/properties/case.js';

export const norm = (x: Value, name: string): Value =>
  x.graph.emit(
    'batchNorm',
    [x, ...['weight', 'bias', 'running_mean', 'running_var'].map((p) => param(x, `${name}.${p}`, [x.shape[1] as number]))],
    {
      eps: 1e-5,
    },
  );

/** A graph of a single op on one input. */
export const single = <K extends OpName>(op: K, shape: Shape, attrs: OpAttrs[K]): Graph =>
  build(shape, (x) => x.graph.emit(op, [x], attrs));

/** The kernels that a graph runs on, in order. */
export const kernelsOf = (graph: Graph, algorithms: Algorithms = 'direct'): readonly Kernel[] =>
  lower(graph, { tile: { rows: 4, columns: 8 }, threads: 1, algorithms }, furtherRulesOf(graph)).steps.map(({ kernel }) => kernel);

/** A function of the graph's only output, in its place. */
export function behind(graph: Graph, op: PointwiseOp): Graph {
  const id = graph.nodes.length;
  const { shape, id: x } = graph.nodes.at(-1) as Node;
  return { ...graph, nodes: [...graph.nodes, { id, op, inputs: [x], attrs: {}, shape }], outputs: new Map([['logits', id]]) };
}

export interface ConvGroup extends Convolution {
  readonly norm: boolean;
  /** `other`: an input that dies here, so that the sum is made in place; `self`: the convolution's own operand, where shapes allow. */
  readonly residual: 'none' | 'other' | 'self';
  readonly relu: boolean;
  readonly squeeze: boolean;
  readonly seed: number;
}

/** Channels of a group that straddle the panel of 8: below, at and above it, C mod 16 = 8, and the four of ResNeXt. */
const channels = (): fc.Arbitrary<number> => fc.oneof(extents(9), fc.constantFrom(4, 4, 8, 12, 16, 17, 24));

/** Planes from one pixel to several blocks of 60, with every remainder of a tile. */
export const convGroup = (): fc.Arbitrary<ConvGroup> =>
  fc
    .record({
      convolution: convolutions(
        fc.oneof(
          { weight: 3, arbitrary: fc.tuple(fc.constantFrom(1, 1, 1, 2, 3, 4, 8), channels(), channels()) },
          { weight: 1, arbitrary: fc.tuple(extents(40), fc.constant(1), fc.constant(1)) }, // depthwise
        ),
      ),
      norm: fc.boolean(),
      residual: fc.constantFrom('none' as const, 'other' as const, 'self' as const),
      relu: fc.boolean(),
      squeeze: fc.boolean(),
      seed: seeds(),
    })
    .map(({ convolution, ...riders }) => ({ ...convolution, ...riders }));

export function convGraph({ image, filter, attrs, bias, norm: normed, residual, relu, squeeze }: ConvGroup): Graph {
  const shape = ops.conv2d.infer([image, filter], attrs);
  return build(
    image,
    (x) => {
      const other =
        residual === 'other' ? inputLike(x, 'residual', shape) : residual === 'self' && String(shape) === String(image) ? x : undefined;
      const operands = [x, param(x, 'conv.weight', filter), ...(bias ? [param(x, 'conv.bias', [filter[0] as number])] : [])];
      let y = x.graph.emit('conv2d', operands, attrs);
      if (normed) y = norm(y, 'bn');
      if (other) y = x.graph.emit('add', [y, other], {});
      if (relu) y = x.graph.emit('relu', [y], {});
      if (squeeze) x.graph.gate('squeeze', x.graph.emit('globalAvgPool', [y], {}));
      return y;
    },
    { gates: true },
  );
}
