import { mostSamples } from '../ops/roiAlign.js';
import { denseLayout } from './layout.js';
import { at, type LoweringRule, type Placed } from './writer.js';

/** kernels/roi.ts: 256 corners, 8 bytes each; then tables of 8 bytes a bin and 24 a sample. */
const cornerBytes = 256 * 8;
const tableBytes = (bins: number, samples: number): number => (bins + 1) * 8 + samples * 24;

/** What both ops say of a map and of their result. */
function sizes({ layout }: Placed, [outHeight, outWidth]: readonly [number, number]) {
  const { pixel, images, height, width } = layout;
  return { pixel, images, height, width, outHeight, outWidth };
}

/** A step a map, each of which makes the regions of its own; the last one clears those of none. */
export const roiAlign: LoweringRule<'roiAlign'> = (plan, { id, inputs, attrs, shape }) => {
  const rois = plan.value(inputs.at(-1));
  const maps = inputs.slice(0, -1).map((map) => plan.value(map));
  const { output, scales, samplingRatio: sampling } = attrs;
  const y = plan.define(id, denseLayout(shape));
  maps.forEach((map, i) => {
    const last = i === maps.length - 1;
    const { height, width } = map.layout;
    const mostRows = mostSamples(output[0], height, sampling);
    const tables = tableBytes(output[0], mostRows) + tableBytes(output[1], mostSamples(output[1], width, sampling));
    plan.step('roiAlign', last ? [id] : [], rois.layout.images, {
      rois: at(rois),
      x: at(map),
      y,
      scratch: plan.scratch(cornerBytes + tables),
      scale: scales[i] as number,
      ...sizes(map, output),
      mostRows,
      sampling,
      aligned: Number(attrs.aligned),
      map: i,
      maps: last ? maps.length : 0,
    });
  });
};

export const roiPool: LoweringRule<'roiPool'> = (plan, { id, inputs, attrs: { output, scale }, shape }) => {
  const [x, rois] = [plan.value(inputs[0]), plan.value(inputs[1])];
  const y = plan.define(id, denseLayout(shape));
  plan.step('roiPool', [id], rois.layout.images, { rois: at(rois), x: at(x), y, scale, ...sizes(x, output) });
};
