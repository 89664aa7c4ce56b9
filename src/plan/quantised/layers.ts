import { macsOf } from '../../graph/count.js';
import type { Conv2dAttrs, IntegerLayerAttrs, Node, QuantisedLayerAttrs } from '../../ops/op.js';
import { type Integers, type IntegerWeights, type Quantisation, rangeOf } from '../../ops/quantised/quantisation.js';
import { denseLayout, isBordered } from '../layout.js';
import { type BytePanels, panelKinds, type TablePacking } from '../packing.js';
import { blockRows, blocksOf } from '../plan.js';
import { at, type Placed, type PlanWriter } from '../writer.js';
import { productForms } from './forms.js';
import { baseOf, byteLayout } from './layout.js';
import { withBase } from './lookUp.js';
import { panelsBytes, runOf } from './panels.js';
import { plainSums } from './plain.js';
import { spans8Of } from './spans.js';

/** Where a fully connected layer reads a plane: all of it is one window. */
const whole = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;

type Window = Pick<Conv2dAttrs, 'stride' | 'padding' | 'dilation' | 'groups'>;

interface LayerCall {
  readonly x: Quantisation | undefined;
  readonly zeroPoint: number;
  readonly w: IntegerWeights;
  readonly y: Quantisation | undefined;
  readonly scales: string | undefined;
  readonly bias: string | undefined;
}

/** A layer with one scale an output, to bytes or to floats. */
export function layer(
  plan: PlanWriter,
  node: Node<'quantisedConv2d' | 'quantisedLinear'>,
  attrs: QuantisedLayerAttrs & Partial<Window>,
): void {
  const [, , scales, bias] = node.inputs;
  const { x, w, y } = attrs;
  const parameters = { scales: plan.parameter(scales), bias: bias === undefined ? undefined : plan.parameter(bias) };
  product(plan, node, attrs, { x, zeroPoint: x.zeroPoint, w, y, ...parameters });
}

/** A layer whose sums are its result. */
export function sumsOf(
  plan: PlanWriter,
  node: Node<'integerConv2d' | 'integerLinear'>,
  { xZeroPoint, w, ...window }: IntegerLayerAttrs & Partial<Window>,
): void {
  if (xZeroPoint === undefined) plainSums(plan, node, { ...whole, ...window }, w);
  else product(plan, node, window, { x: undefined, zeroPoint: xZeroPoint, w, y: undefined, scales: undefined, bias: undefined });
}

/** Every layer of integers is this: kernels/quantised/conv.ts. */
function product(plan: PlanWriter, node: Node, window: Partial<Window>, call: LayerCall): void {
  const { stride, padding, dilation, groups } = { ...whole, ...window };
  const { id, inputs, shape, integers } = node;
  const { w, y, zeroPoint } = call;
  const weights = plan.node(inputs[1]);
  const x = withZero(plan, plan.value(inputs[0]), zeroPoint, Math.max(...padding) > 0);
  const { base = 0, images, image, height, width, pixel: xPixel } = x.layout;
  const conv = 'groups' in node.attrs;
  const [outputs, Cg, P, Q] = (conv ? weights.shape : [shape[1], x.layout.channels, height, width]) as readonly [
    number,
    number,
    number,
    number,
  ];
  const [I, J] = conv ? (shape.slice(2) as unknown as readonly [number, number]) : [1, 1];
  const times = fitsInt8(w) ? 1 : 2;
  // in an image with a border a filter's row is one tap
  const [row, columns] = isBordered(x.layout) ? [xPixel * Q, 1] : [Cg, Q];
  const spans = spans8Of(outputs, row, groups, plan.target.tile);
  const panels: BytePanels = { outputs, filter: [row, P * times, columns], groups, spans };
  const zero = zeroPoint - base;
  const weight = plan.parameter(inputs[1]);
  const packing = {
    kind: 'bytePanels',
    weight,
    bias: call.bias,
    scales: call.scales,
    x: call.x,
    w,
    y,
    zero,
    panels,
    ...(isBordered(x.layout) && { pixel: xPixel }),
  } as const;
  const table: TablePacking = {
    kind: 'table',
    layout: x.layout,
    output: [I, J],
    taps: [P * times, columns],
    stride,
    dilation,
    before: [padding[0], padding[3]],
    ...(times > 1 && { times }),
  };
  const run = runOf(spans);
  const taps = P * columns * times;
  const count = spans.outputs.length;
  const rows = I * J;
  const read = plan.node(inputs[0]).integers as Integers;
  const narrow = Math.max(read.range[1] - base, zero) <= 127;
  const bytes = y !== undefined && integers !== undefined;
  const to = bytes ? byteLayout(shape, baseOf(integers)) : denseLayout(shape);
  const offset = bytes ? (to.base ?? 0) : 0;
  const paddingBytes = Math.ceil(Math.max(run, xPixel, 16) / 4);
  plan.step(
    'conv8',
    [id],
    images * blocksOf(rows) * count,
    {
      x: at(x),
      table: plan.pack(`table ${JSON.stringify(table)}`, table),
      starts: plan.pack(
        ...words(
          'starts',
          spans.starts.flatMap((start, panel) => [start, spans.outputs[panel] as number]),
        ),
      ),
      padding: plan.pack(...words('padding', new Array<number>(paddingBytes).fill(((zero & 255) * 0x01010101) | 0))),
      panels: plan.pack(weight, { ...packing, size: panelsBytes(panels) / 4 }),
      y: plan.define(id, to),
      scratch: plan.scratch((taps + 3) * blockRows * 4 + (blockRows + 5) * spans.columns * 4),
      image,
      pixel: to.pixel,
      rows,
      taps,
      run,
      count,
      zero: (y?.zeroPoint ?? 0) - offset,
      lowest: (y?.range[0] ?? 0) - offset,
      highest: (y?.range[1] ?? 0) - offset,
      tile: plan.target.tile.rows,
      columns: spans.columns,
      kind: panelKinds.indexOf(spans.kind),
      form: narrow ? productForms.indexOf(plan.target.products ?? 'wide') : 0,
      result: bytes ? 0 : call.x === undefined ? 2 : 1,
    },
    macsOf(plan.graph, node),
  );
}

const words = (name: string, values: readonly number[]) => [`${name} ${values.join(' ')}`, { kind: 'int32', values }] as const;

/** Whether all weights are from −128 to 127 once their zero points are taken off. */
export function fitsInt8({ dtype, zeroPoints }: IntegerWeights): boolean {
  const fitting = rangeOf[dtype][0] + 128;
  return zeroPoints.every((point) => point === fitting);
}

/** x, its zero point being a byte, where a window reads one outside the image. */
function withZero(plan: PlanWriter, x: Placed, zeroPoint: number, padded: boolean): Placed {
  const zero = zeroPoint - (x.layout.base ?? 0);
  return padded && (zero < 0 || zero > 255) ? withBase(plan, x, zeroPoint < 0 ? -128 : 0) : x;
}
