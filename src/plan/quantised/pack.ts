import { allOf, checkIntegers, multipliersOf } from '../../ops/quantised/quantisation.js';
import { sizeOf, type Tensor } from '../../tensor.js';
import type { BytePanelsPacking } from '../plan.js';
import { packBytePanels } from './panels.js';

/**
 * Fills the panels of a layer of integers. Products with the zero points are taken off the biases, since kernels multiply bytes and weights as they are. Weights that are
 * no int8, their zero points taken off, become two of them, each over the same taps.
 *
 * @throws WeightsError for weights or biases that are not the integers that they are of, and scales that are none
 */
export function packIntegers(packing: BytePanelsPacking, tensors: ReadonlyMap<string, Tensor>, bytes: DataView): void {
  const { weight, bias, scales, x, w, y, zero, panels } = packing;
  const given = tensors.get(weight) as Tensor;
  checkIntegers(weight, given, allOf(w.dtype));
  const { outputs } = panels;
  const [Cg, rows, Q] = panels.filter;
  const each = sizeOf(given.shape) / outputs;
  const planes = (Cg * rows * Q) / each;
  const weights = new Int8Array(given.data.length * planes);
  const starts = startsOf(bias, outputs, tensors);
  const area = each / Cg;
  for (let o = 0; o < outputs; o++) {
    const point = w.zeroPoints[w.zeroPoints.length === 1 ? 0 : o] as number;
    let sum = 0;
    for (let i = 0; i < each; i++) {
      const value = (given.data[o * each + i] as number) - point;
      sum += value;
      const c = Math.floor(i / area);
      for (let plane = 0, rest = value; plane < planes; plane++) {
        const part = Math.max(-128, Math.min(rest, 127));
        weights[((o * Cg + c) * planes + plane) * area + (i % area)] = part;
        rest -= part;
      }
    }
    starts[o] = (starts[o] as number) - zero * sum;
  }
  const factors =
    scales === undefined || x === undefined ? new Float32Array(outputs) : multipliersOf(x, (tensors.get(scales) as Tensor).data, y);
  packBytePanels(panels, { weights, starts, factors }, bytes);
}

function startsOf(bias: string | undefined, outputs: number, tensors: ReadonlyMap<string, Tensor>): Float64Array {
  if (bias === undefined) return new Float64Array(outputs);
  const given = tensors.get(bias) as Tensor;
  checkIntegers(bias, given, allOf('int32'));
  return Float64Array.from(given.data);
}
