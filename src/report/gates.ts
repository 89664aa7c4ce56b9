import { InputError } from '../errors.js';
import { anyText, listOf, measured, objectWith, type Read, wholeFrom } from '../io/schema.js';
import { colours } from './colours.js';
import { thousands } from './format.js';
import { drawPanels, type LegendEntry, type Panel } from './gatesChart.js';
import { htmlTable, page } from './html.js';
import { factsOf, origin, type Rendered } from './result.js';

const values = listOf(measured);
const excited = { mean: values, deviation: values };
/** What `npm run experiment:gates` writes. */
export const gatesResult = objectWith({
  ...origin,
  tested: wholeFrom(0),
  blocks: listOf(
    objectWith({
      path: anyText,
      overall: objectWith(excited),
      classes: listOf(objectWith({ name: anyText, ...excited })),
      betweenClasses: measured,
      withinClasses: measured,
    }),
  ),
});
type Gates = Read<typeof gatesResult>;
type Excited = Gates['blocks'][number]['overall'];

/** @throws InputError for a block with other classes than the first, or curves of different lengths */
function checkBlocks({ blocks }: Gates): void {
  const [first] = blocks;
  for (const [i, { overall, classes }] of blocks.entries()) {
    const channels = overall.mean.length;
    if (![overall, ...classes].every(({ mean, deviation }) => mean.length === channels && deviation.length === channels))
      throw new InputError(`blocks[${i}] must have ${channels} values in each mean and deviation, as in the first mean`);
    if (classes.length !== first?.classes.length) throw new InputError(`blocks[${i}].classes must be those of blocks[0]`);
  }
}

const grey = '#7f7f7f';

/** Figures 6 and 7 of the paper (Hu 2018, §7.2), by block in the order of depth. */
export function gatesReport(value: unknown): Rendered {
  const result = gatesResult.read(value, '');
  checkBlocks(result);
  const { blocks, tested } = result;
  const names = blocks[0]?.classes.map(({ name }) => name) ?? [];
  const colourOf = (i: number): string => colours[i % colours.length] as string;
  const ofClass = (i: number): LegendEntry => ({ colour: colourOf(i), text: names[i] as string });
  const means = drawPanels(
    'Mean excitations by class, each block’s channels, the least excited first',
    [
      { colour: grey, text: `all ${thousands(tested)} images, and one standard deviation to either side` },
      ...names.map((_, i) => ofClass(i)),
    ],
    blocks.map(({ path, overall, classes }) =>
      panelOf(path, overall, [
        { colour: grey, ...overall },
        ...classes.map(({ mean }, i) => ({ colour: colourOf(i), mean, deviation: undefined })),
      ]),
    ),
    3,
  );
  const pair = [0, 2].filter((i) => i < names.length); // the first of each two that are alike
  const spread = drawPanels(
    'Mean excitations of two classes, and one standard deviation to either side',
    pair.map(ofClass),
    blocks.map(({ path, overall, classes }) =>
      panelOf(
        path,
        overall,
        pair.map((i) => ({ colour: colourOf(i), ...(classes[i] as Excited) })),
      ),
    ),
    3,
  );
  const rows = blocks.map(({ path, overall, betweenClasses, withinClasses }) => [
    path,
    String(overall.mean.length),
    (overall.mean.reduce((a, b) => a + b, 0) / overall.mean.length).toFixed(3),
    betweenClasses.toFixed(4),
    withinClasses.toFixed(4),
    withinClasses > 0 ? (betweenClasses / withinClasses).toFixed(2) : '',
  ]);
  const head = ['block', 'channels', 'mean excitation', 'between classes', 'within a class', 'ratio'];
  const remark = `<p>Between classes: root mean square, over channels and the four classes, of a class's mean less that of all images; within a class: of its standard deviations. The paper finds gates that are alike for all classes
early, differ by class later, and in its last stage say little.</p>`;
  return {
    pictures: { '': means, '-spread': spread },
    html: page({
      title: 'Gates by class and depth',
      heading: 'What gates excite, by class and depth',
      facts: factsOf(result),
      sections: [means, spread, htmlTable(head, rows), remark],
    }),
  };
}

interface ColouredExcited {
  readonly colour: string;
  readonly mean: readonly number[];
  readonly deviation: readonly number[] | undefined;
}

/** @param overall whose means give the order of the channels */
function panelOf(path: string, overall: Excited, curves: readonly ColouredExcited[]): Panel {
  const order = overall.mean.map((_, c) => c).sort((a, b) => (overall.mean[a] as number) - (overall.mean[b] as number));
  const at = (values: readonly number[]): number[] => order.map((c) => values[c] as number);
  return {
    path: path.replace(/^features\./, ''),
    curves: curves.map(({ colour, mean, deviation }) => ({ colour, values: at(mean), ...(deviation && { deviations: at(deviation) }) })),
  };
}
