import { expect, test } from 'vitest';
import { rooflineSvg } from '../../reference/roofline.js';

const product = (layer: string, gflops: number, macsPerByte: number) => ({ kind: '1×1', layer, gflops, macsPerByte, ms: 5 });

/** Where each layer's name stands: its group's and its own attributes, as text. */
function labelOf(svg: string, layer: string): string {
  const [before] = svg.split(`>${layer}</text>`) as [string];
  return before.slice(before.lastIndexOf('<g '));
}

test('names at the edges stay within, and none lies on the axis', async () => {
  const svg = await rooflineSvg({
    title: 'edges',
    peak: { gflops: 90, gigabytesPerSecond: 10 },
    products: [product('leftmost.and.lowest.conv', 0.5, 0.2), product('rightmost.and.high.conv', 20, 160), product('middle.conv', 20, 5)],
  });
  expect(labelOf(svg, 'leftmost.and.lowest.conv')).toContain('text-anchor="start"');
  expect(labelOf(svg, 'leftmost.and.lowest.conv')).toMatch(/translate\([^,)]*,-\d/); // above its dot
  expect(labelOf(svg, 'rightmost.and.high.conv')).toContain('text-anchor="end"');
  const middle = labelOf(svg, 'middle.conv');
  expect(middle).not.toMatch(/text-anchor="(start|end)"/);
  expect(middle).not.toMatch(/translate\([^,)]*,-\d/);
  const [angle] = /rotate\(([-\d.]+)\)[^>]*>memory: 10 GB\/s/.exec(svg)?.slice(1).map(Number) ?? [];
  expect(angle).toBeLessThan(-20); // along the slope
});
