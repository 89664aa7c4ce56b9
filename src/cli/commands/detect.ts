import { Command } from 'commander';
import { type DetectionResult, type Detector, detectorOf } from '../../detector/detector.js';
import { WeightsError } from '../../errors.js';
import { decodeImage } from '../../io/image.js';
import { enablePairedVectors, kernelsText } from '../../node/engine.js';
import { readBytes } from '../../node/files.js';
import { drawDetections, drawingsOf } from '../../node/images/drawings.js';
import { expandImages } from '../../node/images/imageFiles.js';
import { jsonList, note, print } from '../../node/output.js';
import { recallTile, rememberTile } from '../../node/tileCache.js';
import { visible } from '../../report/visible.js';
import { pickBuild } from '../../wasm/features.js';
import { forcedTile } from '../../wasm/tune.js';
import { type DetectorFlags, detectorOptions, openDetector, underWeights } from '../detector.js';
import { eachImage } from '../eachImage.js';
import { algorithmsOption, count, kernelsOption, revectorizeOption, share, threadsOption, tolerantOption } from '../options.js';
import type { RunFlags } from '../run.js';

interface Flags extends DetectorFlags, Omit<RunFlags, 'packedCache'> {
  readonly score: number;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly orient: boolean;
  readonly tolerant?: boolean;
  readonly draw?: string;
  readonly json?: true;
}

/** What is on an image, as `--json` prints it. */
interface Detected extends Omit<DetectionResult, 'detections'> {
  readonly file: string;
  readonly model: string;
  readonly detections: readonly {
    readonly index: number;
    readonly label: string;
    readonly score: number;
    /** x1, y1, x2, y2 in pixels of the image, from its upper left corner. */
    readonly box: readonly [number, number, number, number];
  }[];
}

/** `senet detect IMAGE...`: what is where on photographs. */
export function detectCommand(): Command {
  const command = new Command('detect')
    .description('say what is where on photographs')
    .argument('<image...>', 'JPEG, PNG or WebP files, folders of them, or patterns');
  for (const option of [...detectorOptions(), kernelsOption(), algorithmsOption('fast'), threadsOption(), revectorizeOption()])
    command.addOption(option);
  return command
    .option('--score <number>', 'only detections of greater scores, from 0 to 1', share, 0.5)
    .option('--min-size <pixels>', "what an image's shorter side becomes (default: the detector's own)", count)
    .option('--max-size <pixels>', "unless its longer side would become longer than this (default: the detector's own)", count)
    .option('--no-orient', 'take the pixels as they lie, whatever the camera says of how it was held')
    .addOption(tolerantOption())
    .option('--draw <file>', 'draw the boxes over the image, as .svg or .png; of several images {name} in it is the name of each')
    .option('--json', 'print file, model, size and detections of each image as JSON')
    .action(run)
    .addHelpText('after', '\nAn image that cannot be read is named on stderr; the others go on, and the exit code is 2.');
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  if (flags.revectorize) enablePairedVectors();
  const network = await openDetector(flags);
  try {
    const { algorithms, threads, score, minSize, maxSize } = flags;
    const kernels = pickBuild(flags.kernels ?? 'auto');
    const measured = forcedTile() === undefined;
    if (measured) await recallTile(kernels);
    using detector = detectorOf(network, {
      kernels,
      algorithms,
      threads,
      score,
      ...(minSize !== undefined && { minSize }),
      ...(maxSize !== undefined && { maxSize }),
    });
    await detectAll(detector, await expandImages(paths), flags);
    if (measured && detector.session) await rememberTile(kernels);
  } finally {
    await network.close(); // open till now: for an image of another size some of its weights may be read again
  }
}

async function detectAll(
  detector: Detector,
  files: readonly string[],
  { orient, tolerant = false, draw, score, json }: Flags,
): Promise<void> {
  const drawings = draw === undefined ? undefined : await drawingsOf(files, draw);
  const list = json && jsonList<Detected>();
  const { done, seconds } = await eachImage(files, async (file, answered) => {
    const bytes = await readBytes(file);
    const pixels = await decodeImage(bytes, { file, orient, tolerant });
    const found = await detector.detect(pixels, { file }).catch((error: unknown) => {
      throw error instanceof WeightsError ? underWeights(detector.network.file, error) : error;
    });
    const answer = answerOf(file, detector.network.id, found);
    answered();
    if (list) list.add(answer);
    else print(answerText(answer, score));
    if (found.dropped > 0) note(`${file}: ${found.dropped} boxes or scores are not finite, and are left out: the weights do not fit`);
    const drawing = drawings?.get(file);
    if (drawing !== undefined) await drawDetections(drawing, { bytes, pixels, tolerant }, found.detections);
  });
  list?.end();
  if (done > 0) note(summary(done, seconds, detector));
}

const answerOf = (file: string, model: string, { detections, width, height, dropped }: DetectionResult): Detected => ({
  file,
  model,
  width,
  height,
  detections: detections.map(({ index, label, score, box: { x1, y1, x2, y2 } }) => ({ index, label, score, box: [x1, y1, x2, y2] })),
  dropped,
});

/** A line each: score, class and its number, and the corners of the box in pixels. */
function answerText({ file, detections }: Detected, least: number): string {
  if (detections.length === 0) return `${visible(file)}\n  nothing of a score above ${least}`;
  const names = detections.map(({ label, index }) => visible(`${label} (${index})`));
  const corners = detections.map(({ box }) => box.map((side) => side.toFixed(1)));
  const widest = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));
  const [nameWidth, sideWidth] = [widest(names), widest(corners.flat())];
  const lines = detections.map(({ score }, i) => {
    const [x1, y1, x2, y2] = (corners[i] as string[]).map((side) => side.padStart(sideWidth));
    return `  ${score.toFixed(2)}  ${names[i]?.padEnd(nameWidth)}  ${x1} ${y1} – ${x2} ${y2}`;
  });
  return [visible(file), ...lines].join('\n');
}

function summary(images: number, seconds: number, { network, session }: Detector): string {
  const said = session && `, ${kernelsText(session.kernels)} kernels, ${session.threads} thread${session.threads === 1 ? '' : 's'}`;
  const alone = session?.threadsNote === undefined ? '' : `; one thread: ${session.threadsNote}`;
  return `${images} image${images === 1 ? '' : 's'} in ${seconds.toFixed(1)} s (${network.id}${said ?? ''})${alone}`;
}
