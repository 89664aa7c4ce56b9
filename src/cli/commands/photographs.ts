import { asset } from '../../node/package.js';
import { writeWhole } from '../../node/writeWhole.js';
import { shipped } from '../../pretrained/shipped.js';
import { gatesChart } from '../../report/gatesChart.js';
import { openNetwork } from '../network.js';
import { classifyFile, openClassifier, type RunFlags } from '../run.js';
import { answerOf, answerText, type Classified, remarkOn } from './classify.js';

/** Of assets/images: two of the shipped network's ten classes, and two things that it has never seen. */
const shown = [
  { name: 'chelsea.png', shows: 'a cat' },
  { name: 'moose.webp', shows: 'a moose, which is a deer' },
  { name: 'coffee.png', shows: 'a cup of coffee, none of the ten classes' },
  { name: 'rocket.jpg', shows: 'a rocket, none of the ten classes' },
] as const;

export interface Photograph extends Classified {
  /** What there is to see. */
  readonly shows: string;
}

export interface Photographs {
  readonly photographs: readonly Photograph[];
  /** What must be known to read them. */
  readonly remark: string | undefined;
  /** How well it does on the test images. */
  readonly gain: string;
  /** The picture of the excitations, in the folder that the command was run in. */
  readonly gates: string;
}

/** The shipped photographs, classified by the shipped network, and its excitations drawn. */
export async function classifyPhotographs(flags: RunFlags): Promise<Photographs> {
  const network = await openNetwork({});
  using classifier = await openClassifier(network, flags, { gates: true, top: 3 });
  const chart = gatesChart();
  const photographs: Photograph[] = [];
  for (const { name, shows } of shown) {
    const file = asset(`images/${name}`);
    const classification = await classifyFile(classifier, file);
    chart.add({ file, gates: classification.gates });
    photographs.push({ ...answerOf(name, network, classification), shows });
  }
  const gates = 'senet-gates.svg';
  await writeWhole(gates, chart.svg(`Excitations in ${network.name}: each block's channels, the least excited first`));
  return { photographs, remark: remarkOn(network), gain: gainText(), gates };
}

/** How many of the test images it names right. */
function gainText(): string {
  const [{ accuracy }] = shipped;
  return `Of CIFAR-10's 10,000 test images, re-encoded as JPEG, it names ${accuracy[0]} % right. The project's experiments/results has what gates gain.`;
}

export const photographsText = ({ photographs, remark, gain, gates }: Photographs): string =>
  `${photographs[0]?.model} says of the photographs in assets/images:\n\n${photographs.map(({ file, shows, top }) => answerText({ file: `${file}: ${shows}`, top })).join('\n')}\n\n${remark}\n${gain}\nWhat each of its SE blocks excites in them is drawn in ${gates}.`;
