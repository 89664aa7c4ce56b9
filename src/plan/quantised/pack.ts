import { allOf, checkIntegers, type IntegerDtype, multipliersOf } from '../../ops/quantised/quantisation.js';
import { bytesIn, sizeOf, type Tensor } from '../../tensor.js';
import type { BytePanelsPacking, IntegerLayerPacking, IntegersPacking, ScaledPanelsPacking } from '../packing.js';
import { packBytePanels } from './panels.js';

/** Fills a block of memory. @throws WeightsError as packLayer, and for weights that are not the integers that they are of */
export function packIntegers(packing: IntegerLayerPacking, tensors: ReadonlyMap<string, Tensor>, bytes: DataView): void {
  if (packing.kind === 'bytePanels') packLayer(packing, tensors, bytes);
  else if (packing.kind === 'integers') packWords(packing, tensors, bytes);
  else packScaled(packing, tensors, bytes);
}

/**
 * Fills the panels of a layer of integers. Products with the zero points are taken off the biases, since kernels multiply bytes and weights as they are. Weights that are
 * no int8, their zero points taken off, become two of them, each over the same taps.
 *
 * @throws WeightsError for weights or biases that are not the integers that they are of, and scales that are none
 */
function packLayer(packing: BytePanelsPacking, tensors: ReadonlyMap<string, Tensor>, bytes: DataView): void {
  const { weight, bias, scales, x, w, y, zero, pixel, panels } = packing;
  const given = tensors.get(weight) as Tensor;
  const data = integersIn(weight, given, w.dtype);
  const { outputs } = panels;
  const [Cg, rows, Q] = panels.filter;
  const each = sizeOf(given.shape) / outputs;
  const planes = pixel === undefined ? (Cg * rows * Q) / each : 1;
  const isAsGiven = pixel === undefined && planes === 1 && w.dtype === 'int8' && w.zeroPoints.every((point) => point === 0);
  const placed = isAsGiven ? undefined : new Int8Array(outputs * Cg * rows * Q);
  const starts = startsOf(bias, outputs, tensors);
  const area = each / Cg;
  const wide = pixel === undefined ? 1 : Cg / pixel; // of a filter whose row is one tap
  const place = (o: number, i: number): number =>
    (o * Cg + (i % wide) * (pixel as number) + Math.floor(i / (rows * wide))) * rows + (Math.floor(i / wide) % rows);
  for (let o = 0; o < outputs; o++) {
    const point = w.zeroPoints[w.zeroPoints.length === 1 ? 0 : o] as number;
    let sum = 0;
    for (let i = 0; i < each; i++) {
      const value = (data[o * each + i] as number) - point;
      sum += value;
      if (placed === undefined) continue;
      const c = Math.floor(i / area);
      for (let plane = 0, rest = value; plane < planes; plane++) {
        const part = Math.max(-128, Math.min(rest, 127));
        placed[pixel === undefined ? ((o * Cg + c) * planes + plane) * area + (i % area) : place(o, i)] = part;
        rest -= part;
      }
    }
    starts[o] = (starts[o] as number) - zero * sum;
  }
  const factors =
    scales === undefined || x === undefined ? new Float32Array(outputs) : multipliersOf(x, (tensors.get(scales) as Tensor).data, y);
  packBytePanels(panels, { weights: placed ?? data, starts, factors }, bytes);
}

/** @throws WeightsError for numbers that are none of them */
function integersIn(name: string, tensor: Tensor, dtype: IntegerDtype): ArrayLike<number> {
  const bytes = dtype === 'int8' ? bytesIn(tensor) : undefined;
  if (bytes !== undefined) return bytes;
  checkIntegers(name, tensor, allOf(dtype));
  return tensor.data;
}

function startsOf(bias: string | undefined, outputs: number, tensors: ReadonlyMap<string, Tensor>): Float64Array {
  if (bias === undefined) return new Float64Array(outputs);
  const given = tensors.get(bias) as Tensor;
  checkIntegers(bias, given, allOf('int32'));
  return Float64Array.from(given.data);
}

/** Channels of a group, padded to vectors of words. */
export const padded4 = (channels: number): number => Math.ceil(channels / 4) * 4;

function packWords(packing: IntegersPacking, tensors: ReadonlyMap<string, Tensor>, bytes: DataView): void {
  const { weight, dtype, zeroPoints, outputs, size } = packing;
  const [Cg, P, Q] = packing.filter;
  const w = tensors.get(weight) as Tensor;
  const data = integersIn(weight, w, dtype);
  const [taps, run] = [P * Q, padded4(Cg)];
  const block = new Int32Array(bytes.buffer, bytes.byteOffset, size);
  block.fill(0);
  for (let o = 0; o < outputs; o++) {
    const zero = zeroPoints[zeroPoints.length === 1 ? 0 : o] as number;
    for (let c = 0; c < Cg; c++)
      for (let tap = 0; tap < taps; tap++) block[(o * taps + tap) * run + c] = (data[(o * Cg + c) * taps + tap] as number) - zero;
  }
}

function packScaled(packing: ScaledPanelsPacking, tensors: ReadonlyMap<string, Tensor>, bytes: DataView): void {
  const { weight, scales, bias, outputs, length, size } = packing;
  const [C, H, W] = packing.filter;
  const w = tensors.get(weight) as Tensor;
  const data = integersIn(weight, w, 'int8');
  const plane = H * W;
  const panelBytes = 64 + plane * length * 8;
  new Uint8Array(bytes.buffer, bytes.byteOffset, size * 4).fill(0);
  for (let o = 0; o < outputs; o++) {
    const at = Math.floor(o / 8) * panelBytes;
    const column = o % 8;
    bytes.setFloat32(at + column * 4, bias === undefined ? 0 : (tensors.get(bias)?.data[o] as number), true);
    bytes.setFloat32(at + 32 + column * 4, tensors.get(scales)?.data[o] as number, true);
    for (let c = 0; c < C; c++)
      for (let cell = 0; cell < plane; cell++)
        bytes.setInt8(at + 64 + (cell * length + c) * 8 + column, data[(o * C + c) * plane + cell] as number);
  }
}

/** Words of such panels. */
export const scaledPanelsSize = (outputs: number, inputs: number): number => Math.ceil(outputs / 8) * (16 + inputs * 2);
