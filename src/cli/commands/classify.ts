import { Command } from 'commander';
import type { Classification } from '../../classifier/classification.js';
import type { Network } from '../../classifier/network.js';
import { InputError } from '../../errors.js';
import { enablePairedVectors, kernelsText } from '../../node/engine.js';
import { expandImages } from '../../node/images/imageFiles.js';
import { jsonList, note, print } from '../../node/output.js';
import { writeWhole } from '../../node/writeWhole.js';
import { percent } from '../../report/format.js';
import { gatesChart } from '../../report/gatesChart.js';
import { costText, type ProtocolReport } from '../../report/protocol.js';
import { visible } from '../../report/visible.js';
import { checkOutput } from '../checkOutput.js';
import { eachImage } from '../eachImage.js';
import { type Answerer, isPlain, type MemberFlags, memberOptions, nameOf, openAnswerer, openMembers } from '../members.js';
import type { OpenNetwork } from '../network.js';
import { count, tolerantOption } from '../options.js';
import { classifyFile, type RunFlags, runOptions } from '../run.js';

interface Flags extends MemberFlags, RunFlags {
  readonly top: number;
  readonly orient: boolean;
  readonly tolerant?: boolean;
  readonly gates?: string;
  readonly json?: true;
}

/** An image's answer, as `--json` prints it. */
export interface Classified {
  readonly file: string;
  readonly model: string;
  /** Where in the file of weights they lie, if not at its top. */
  readonly takenFrom?: string;
  readonly top: readonly { readonly index: number; readonly label: string; readonly probability: number }[];
  readonly logits: readonly number[];
  /** Of several views or networks, whose probabilities are not those of the logits. */
  readonly probabilities?: readonly number[];
  readonly protocol?: ProtocolReport;
}

/** `senet classify IMAGE...`: what is on photographs. */
export function classifyCommand(): Command {
  const command = new Command('classify')
    .description('say what is on photographs')
    .argument('<image...>', 'JPEG, PNG or WebP files, folders of them, or patterns');
  for (const option of [...memberOptions(), ...runOptions()]) command.addOption(option);
  return command
    .option('--top <number>', 'classes to name', count, 5)
    .option('--no-orient', 'take the pixels as they lie, whatever the camera says of how it was held')
    .addOption(tolerantOption())
    .option('--gates <file>', 'draw the excitations of every SE block, as SVG')
    .option('--json', 'print file, model, top and logits of each image as JSON')
    .action(run)
    .addHelpText('after', '\nAn image that cannot be read is named on stderr; the others go on, and the exit code is 2.');
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  if (flags.revectorize) enablePairedVectors();
  const networks = await openMembers(flags);
  const [network] = networks as [OpenNetwork];
  if (flags.gates !== undefined && networks.length > 1)
    throw new InputError(`--gates draws the excitations of one network, not ${networks.length}`);
  const files = await expandImages(paths);
  await checkOutput('--gates', flags.gates, ['.svg'], [...files, ...networks.map(({ file }) => file), flags.labels]);
  const chart = flags.gates === undefined ? undefined : gatesChart();
  using classifier = await openAnswerer(networks, flags, {
    orient: flags.orient,
    tolerant: flags.tolerant === true,
    gates: chart !== undefined,
    top: flags.top,
  });
  const list = flags.json && jsonList<Classified>();
  const said = { name: nameOf(networks), takenFrom: networks.length > 1 ? '' : network.takenFrom };
  const seen = isPlain(flags) ? undefined : classifier.protocol;
  const { done, seconds } = await eachImage(files, async (file, answered) => {
    const classification = await classifyFile(classifier, file);
    chart?.add({ file, gates: classification.gates });
    const answer = answerOf(file, said, classification, seen);
    answered();
    if (list) list.add(answer);
    else print(answerText(answer));
  });
  list?.end();
  if (chart && done > 0)
    await writeWhole(flags.gates as string, chart.svg(`Excitations in ${network.name}: each block's channels, the least excited first`));
  const remark = remarkOn(network);
  if (remark !== undefined && done > 0) note(remark);
  if (done > 0) note(summary(done, seconds, said.name, classifier));
  await classifier.keep();
}

export const answerOf = (
  file: string,
  { name, takenFrom }: Pick<Network, 'name' | 'takenFrom'>,
  { top, logits, probabilities }: Classification,
  protocol?: ProtocolReport,
): Classified => ({
  file,
  model: name,
  ...(takenFrom !== '' && { takenFrom }),
  top,
  logits: Array.from(logits),
  ...(protocol && { probabilities: Array.from(probabilities), protocol }),
});

/** What must be known to read the answers of a network that ships. */
export function remarkOn({ name, labels, published }: Pick<Network, 'name' | 'labels' | 'published'>): string | undefined {
  if (published?.origin.kind !== 'shipped' || labels === undefined) return undefined;
  const classes = labels.map((label) => label.name).join(', ');
  return `${name} knows ${labels.length} classes, ${classes}, from images of ${published.preset.size} pixels. A photograph may be of none of them: then the likeliest of them is named all the same.`;
}

export function answerText({ file, top }: Pick<Classified, 'file' | 'top'>): string {
  const lines = top.map(({ index, label, probability }) => `${percent(probability).padStart(9)}  ${label} (${index})`);
  return [file, ...lines].map(visible).join('\n');
}

function summary(images: number, seconds: number, name: string, { protocol, session: { kernels, threads } }: Answerer): string {
  const sizes = [...new Set(protocol.members.map(({ size }) => size))].join(' and ');
  return `${images} image${images === 1 ? '' : 's'} in ${seconds.toFixed(1)} s, ${(images / seconds).toFixed(1)} a second, ${costText(protocol)} (${name}, ${sizes} pixels, ${kernelsText(kernels)} kernels, ${threads} thread${threads === 1 ? '' : 's'})`;
}
