import { UnsupportedError } from '../../errors.js';
import type { RoiAlignAttrs } from '../../ops/op.js';
import { roiNumbers } from '../../ops/roi.js';
import type { Shape } from '../../tensor.js';
import { dataTypes, type WrittenAttribute, type WrittenOpset, type WrittenTensor } from './written.js';

/** Writes a graph: each gives the name of a value. */
export interface OnnxWriter {
  readonly opset: WrittenOpset;
  /** What names of our making start with. */
  readonly mark: string;
  emit(output: string, op: string, inputs: readonly string[], attributes?: Readonly<Record<string, WrittenAttribute>>): string;
  /** An operator of several outputs. */
  emitAll(outputs: readonly string[], op: string, inputs: readonly string[], attributes?: Readonly<Record<string, WrittenAttribute>>): void;
  /** Whole numbers in a row. */
  constant(name: string, values: readonly number[]): string;
  scalar(value: number): string;
  /** Numbers of any shape, once under a name. */
  initializer(tensor: WrittenTensor): string;
}

/** RoiAlign of several maps, operands as ours. Its positions are float32, and so may be other cells' at the map's edge. */
export function roiAlign(to: OnnxWriter, y: string, inputs: readonly string[], shape: Shape, attrs: RoiAlignAttrs): string {
  const { output, scales, samplingRatio, aligned } = attrs;
  if (aligned && to.opset < 16)
    throw new UnsupportedError(`regions that are aligned are known from operator set 16 on, not in ${to.opset}`);
  return ofRegions(to, y, inputs, shape, (map, rows, name) => {
    const images = to.emit(`${name} image`, 'Squeeze', [columns(to, `${name} first`, rows, 0, 1), to.constant(`${to.mark}axis 1`, [1])]);
    const operands = [columns(to, `${name} corners`, rows, 1, 5), to.emit(`${name} images`, 'Cast', [images], { to: dataTypes.int64 })];
    return to.emit(name, 'RoiAlign', [inputs[map] as string, ...operands], {
      output_height: output[0],
      output_width: output[1],
      sampling_ratio: samplingRatio,
      spatial_scale: { float: scales[map] as number },
      // before operator set 16 there was one kind, and no name for it
      ...(to.opset >= 16 && { coordinate_transformation_mode: aligned ? 'half_pixel' : 'output_half_pixel' }),
    });
  });
}

export function roiPool(
  to: OnnxWriter,
  y: string,
  inputs: readonly string[],
  shape: Shape,
  { output, scale }: { readonly output: readonly number[]; readonly scale: number },
): string {
  return ofRegions(to, y, inputs, shape, (_, rows, name) =>
    to.emit(name, 'MaxRoiPool', [inputs[0] as string, rows], { pooled_shape: output, spatial_scale: { float: scale } }),
  );
}

/**
 * ONNX knows one map. The regions of each are gathered, computed, and put in their places among zeros, which pads keep: as PyTorch exports torchvision's
 * pooler.
 *
 * @param shape of the result
 * @param compute is given a map, rows of image, x1, y1, x2, y2, and the name of its result
 */
function ofRegions(
  to: OnnxWriter,
  y: string,
  inputs: readonly string[],
  shape: Shape,
  compute: (map: number, rows: string, name: string) => string,
): string {
  const rois = inputs.at(-1) as string;
  const maps = inputs.slice(0, -1);
  const which = to.emit(`${y}.map`, 'Squeeze', [columns(to, `${y}.maps`, rois, 0, 1), to.constant(`${to.mark}axis 1`, [1])]);
  const all = columns(to, `${y}.rows`, rois, 1, roiNumbers);
  return maps.reduce(
    (others, _, map) => {
      const name = `${y}.${map}`;
      const own = to.emit(`${name} own`, 'NonZero', [to.emit(`${name} is`, 'Equal', [which, to.scalar(map)])]);
      const places = to.emit(`${name} places`, 'Transpose', [own], { perm: [1, 0] });
      const rows = to.emit(`${name} rows`, 'GatherND', [all, places]);
      const result = map === maps.length - 1 ? y : `${name} result`;
      return to.emit(result, 'ScatterND', [others, places, compute(map, rows, name)]);
    },
    to.emit(`${y}.zeros`, 'ConstantOfShape', [to.constant(`${y}.shape`, shape)]),
  );
}

const columns = (to: OnnxWriter, name: string, x: string, from: number, end: number): string =>
  to.emit(name, 'Slice', [
    x,
    to.constant(`${to.mark}from ${from}`, [from]),
    to.constant(`${to.mark}to ${end}`, [end]),
    to.constant(`${to.mark}axis 1`, [1]),
  ]);
