import { forwards } from '../../src/ops/forwards.js';
import { at4, dims4, type Tensor } from '../../src/tensor.js';
import { float64Limit } from '../../src/verify/check.js';
import type { FpnCase, GraphOps, RoiCase } from '../../src/verify/detection/opsGraphChecks.js';

/** Pooling and pyramids in plain loops, so that a file of operators is checked before there are graphs for them. */
export const plainOps = {
  roi: (given: RoiCase): Tensor => (given.op === 'RoIAlign' ? roiAlign(given) : roiPool(given)),
  fpn,
  limit: float64Limit,
} satisfies GraphOps;

/** He 2017 (arXiv:1703.06870, §3): means of bilinear samples, which are 0 outside [−1, size]. */
function roiAlign({ features, rois, size: [I, J], spatialScale, samplingRatio, aligned }: RoiCase): Tensor {
  return pooled(features, rois, [I, J], (n, c, [x1, y1, x2, y2], i, j) => {
    const shift = aligned ? 0.5 : 0;
    const [top, left] = [y1 * spatialScale - shift, x1 * spatialScale - shift];
    let [height, width] = [(y2 - y1) * spatialScale, (x2 - x1) * spatialScale];
    if (!aligned) [height, width] = [Math.max(height, 1), Math.max(width, 1)];
    const rows = samplingRatio > 0 ? samplingRatio : Math.ceil(height / I);
    const columns = samplingRatio > 0 ? samplingRatio : Math.ceil(width / J);
    let sum = 0;
    for (let p = 0; p < rows; p++)
      for (let q = 0; q < columns; q++)
        sum += sample(features, n, c, top + ((i + (p + 0.5) / rows) * height) / I, left + ((j + (q + 0.5) / columns) * width) / J);
    return sum / Math.max(rows * columns, 1);
  });
}

function sample(features: Tensor, n: number, c: number, y: number, x: number): number {
  const [, , H, W] = dims4(features.shape);
  if (y < -1 || y > H || x < -1 || x > W) return 0;
  const [row, column] = [Math.min(Math.max(y, 0), H - 1), Math.min(Math.max(x, 0), W - 1)];
  const [top, left] = [Math.floor(row), Math.floor(column)];
  let value = 0;
  for (const [h, weight] of [
    [top, 1 - (row - top)],
    [top + 1, row - top],
  ] as const)
    value += weight * ((1 - (column - left)) * at4(features, n, c, h, left) + (column - left) * at4(features, n, c, h, left + 1));
  return value;
}

/** Girshick 2015 (arXiv:1504.08083, §2.1): maxima of bins that overlap; C's round goes away from zero. */
function roiPool({ features, rois, size: [I, J], spatialScale }: RoiCase): Tensor {
  const [, , H, W] = dims4(features.shape);
  const round = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
  return pooled(features, rois, [I, J], (n, c, box, i, j) => {
    const [x1, y1, x2, y2] = box.map((value) => round(value * spatialScale)) as unknown as Box;
    const [height, width] = [Math.max(y2 - y1 + 1, 1) / I, Math.max(x2 - x1 + 1, 1) / J];
    const within = (place: number, extent: number): number => Math.min(Math.max(place, 0), extent);
    let largest = Number.NEGATIVE_INFINITY;
    for (let h = within(Math.floor(i * height) + y1, H); h < within(Math.ceil((i + 1) * height) + y1, H); h++)
      for (let w = within(Math.floor(j * width) + x1, W); w < within(Math.ceil((j + 1) * width) + x1, W); w++)
        largest = Math.max(largest, at4(features, n, c, h, w));
    return largest === Number.NEGATIVE_INFINITY ? 0 : largest;
  });
}

type Box = readonly [number, number, number, number];
type Bin = (n: number, c: number, box: Box, i: number, j: number) => number;

function pooled({ shape }: Tensor, rois: Tensor, [I, J]: readonly [number, number], bin: Bin): Tensor {
  const [, C] = dims4(shape);
  const R = rois.shape[0] as number;
  const values: number[] = [];
  for (let r = 0; r < R; r++) {
    const [n, ...box] = rois.data.subarray(5 * r, 5 * r + 5) as unknown as readonly [number, ...Box];
    for (let c = 0; c < C; c++) for (let i = 0; i < I; i++) for (let j = 0; j < J; j++) values.push(bin(n, c, box, i, j));
  }
  return { shape: [R, C, I, J], data: Float64Array.from(values) };
}

/** Lin 2017 (arXiv:1612.03144, §3), from the coarsest map to the finest. */
function fpn({ inputs, outChannels, parameter }: FpnCase): ReadonlyMap<string, Tensor> {
  const layer = (x: Tensor, name: string, kernel: 1 | 3): Tensor => {
    const [, C] = dims4(x.shape);
    const pad = (kernel - 1) / 2;
    const y = forwards.conv2d([x, parameter(`${name}.weight`, [outChannels, C, kernel, kernel])], {
      stride: [1, 1],
      padding: [pad, pad, pad, pad],
      dilation: [1, 1],
      groups: 1,
    });
    const bias = parameter(`${name}.bias`, [outChannels]);
    const [, O, I, J] = dims4(y.shape);
    return { shape: y.shape, data: y.data.map((value, at) => value + (bias.data[Math.floor(at / (I * J)) % O] as number)) };
  };
  const names = [...inputs.keys()];
  const outputs = new Map<string, Tensor>();
  let upper: Tensor | undefined;
  for (const [k, name] of [...names.entries()].reverse()) {
    const inner = layer(inputs.get(name) as Tensor, `inner_blocks.${k}.0`, 1);
    if (upper !== undefined) addEnlarged(inner, upper);
    upper = inner;
    outputs.set(name, layer(inner, `layer_blocks.${k}.0`, 3));
  }
  outputs.set('pool', everySecond(outputs.get(names.at(-1) as string) as Tensor));
  return outputs;
}

function addEnlarged(lower: Tensor, upper: Tensor): void {
  const [N, C, H, W] = dims4(lower.shape);
  const [, , fromH, fromW] = dims4(upper.shape);
  let at = 0;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (let h = 0; h < H; h++)
        for (let w = 0; w < W; w++) {
          const value = at4(upper, n, c, Math.floor((h * fromH) / H), Math.floor((w * fromW) / W));
          lower.data[at] = (lower.data[at] as number) + value;
          at++;
        }
}

function everySecond(x: Tensor): Tensor {
  const [N, C, H, W] = dims4(x.shape);
  const shape = [N, C, Math.ceil(H / 2), Math.ceil(W / 2)];
  const values: number[] = [];
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++) for (let h = 0; h < H; h += 2) for (let w = 0; w < W; w += 2) values.push(at4(x, n, c, h, w));
  return { shape, data: Float64Array.from(values) };
}
