import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { gatesChart, mostLines } from '../../src/report/gatesChart.js';

const image = (file: string, ...gates: readonly (readonly [string, readonly number[]])[]) => ({
  file,
  gates: new Map(gates.map(([path, values]) => [path, Float32Array.from(values)])),
});

/** The panels of a chart: their titles, and the heights of their curves' points, in pixels from the top. */
function panelsOf(svg: string) {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  const heights = (element: Element): number[] =>
    (element.getAttribute('points') as string).split(' ').map((point) => Number(point.split(',')[1]));
  return [...document.querySelectorAll('g')].map((panel) => ({
    title: panel.querySelector('text')?.textContent,
    labels: [...panel.querySelectorAll('text[text-anchor=end]')].map((label) => label.textContent),
    curves: [...panel.querySelectorAll('polyline')].map(heights),
    bands: [...panel.querySelectorAll('polygon')].map(heights),
  }));
}

describe('gatesChart', () => {
  test('few images: a line each, over channels in the order of their mean', () => {
    const chart = gatesChart();
    chart.add(image('a/cat.jpg', ['layer1.se.gate', [1, 0, 0.5]], ['layer2.se.gate', [0.5]]));
    chart.add(image('b/<dog>.jpg', ['layer1.se.gate', [0.5, 0, 0.5]], ['layer2.se.gate', [1]]));
    const svg = chart.svg('Gates & more');
    expect(svg).toContain('Gates &amp; more');
    expect(svg).toContain('cat.jpg');
    expect(svg).toContain('&lt;dog>.jpg');
    const [first, second] = panelsOf(svg);
    expect(first).toMatchObject({ title: 'layer1.se.gate', labels: ['0', '0.5', '1', '3 channels'] });
    expect(first?.curves).toEqual([
      [90, 45, 0], // 0, 0.5, 1 of channels 1, 2, 0
      [90, 45, 45],
    ]);
    expect(second?.curves).toEqual([[45], [0]]);
  });

  test('many images: their mean, and a band of a standard deviation', () => {
    const chart = gatesChart();
    for (let i = 0; i <= mostLines; i++) chart.add(image(`${i}.jpg`, ['gate', [0.5, i % 2]]));
    const [panel] = panelsOf(chart.svg(''));
    expect(panel?.curves).toEqual([[45, 45]]);
    expect(panel?.bands).toEqual([[45, 90, 0, 45]]); // 0.5 ± 0 and 0.5 ± 0.5, there and back
    expect(chart.svg('')).toContain(`mean of ${mostLines + 1} images`);
  });

  test('gates that are no sigmoids widen the axis', () => {
    const chart = gatesChart();
    chart.add(image('cat.jpg', ['gate', [-1, 1]]));
    expect(panelsOf(chart.svg(''))[0]).toMatchObject({ labels: ['-1', '0', '1', '2 channels'], curves: [[90, 0]] });
  });
});
