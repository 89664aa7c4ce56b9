import { join } from 'node:path';
import { byName } from '../../data/byName.js';
import { nothingPassedOver } from '../../data/passedOver.js';
import { InputError } from '../../errors.js';
import { readBytes } from '../files.js';
import type { ImageSet } from './imageSet.js';

export type CifarSplit = 'train' | 'test';

/**
 * The binary form of Krizhevsky 2009's sets (cs.toronto.edu/~kriz/cifar.html): files of nothing but images, each of which is `labels` bytes, the last
 * being its class, and three planes of 32×32 bytes.
 */
interface CifarFormat {
  readonly labels: number;
  /** A class's name a line. */
  readonly names: string;
  readonly files: { readonly [S in CifarSplit]: RegExp };
}

const formats: readonly CifarFormat[] = [
  { labels: 1, names: 'batches.meta.txt', files: { train: /^data_batch_\d+\.bin$/, test: /^test_batch\.bin$/ } },
  { labels: 2, names: 'fine_label_names.txt', files: { train: /^train\.bin$/, test: /^test\.bin$/ } }, // CIFAR-100: coarse, then fine
];

const side = 32;
const plane = side * side;
const imageBytes = 3 * plane;

interface Found {
  readonly format: CifarFormat;
  readonly entries: readonly string[];
}

/** Which of the formats a folder with these entries is in, if any. */
export function cifarFormatOf(entries: readonly string[]): DetectionResult | undefined {
  const format = formats.find(({ files }) => entries.some((entry) => files.train.test(entry) || files.test.test(entry)));
  return format && { format, entries };
}

/** @throws InputError for a file that is missing, cut off, or has a label that is no class */
export async function readCifar(folder: string, { format, entries }: DetectionResult, split: CifarSplit): Promise<ImageSet> {
  const classes = new TextDecoder()
    .decode(await readBytes(join(folder, format.names)))
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const files = entries.filter((entry) => format.files[split].test(entry)).sort(byName);
  const record = format.labels + imageBytes;
  const batches: { readonly file: string; readonly bytes: Uint8Array }[] = [];
  for (const name of files) {
    const file = join(folder, name);
    const bytes = await readBytes(file);
    if (bytes.length % record !== 0) throw new InputError(`${file}: expected a multiple of ${record} bytes, found ${bytes.length}`);
    batches.push({ file, bytes });
  }
  const count = batches.reduce((sum, { bytes }) => sum + bytes.length / record, 0);
  if (count === 0) throw new InputError(`${folder}: holds no images to ${split} with`);

  const labels: number[] = [];
  const data = new Uint8Array(new SharedArrayBuffer(count * imageBytes)); // shared: a worker needs no copy
  for (const { file, bytes } of batches)
    for (let at = 0; at < bytes.length; at += record) {
      const label = bytes[at + format.labels - 1] as number;
      if (label >= classes.length)
        throw new InputError(`${file}: image ${at / record} has label ${label}, expected 0 to ${classes.length - 1}`);
      interleave(bytes.subarray(at + format.labels, at + record), data.subarray(labels.length * imageBytes));
      labels.push(label);
    }
  return {
    classes,
    labels,
    classesBy: 'list',
    passedOver: nothingPassedOver,
    stored: { kind: 'pixels', source: folder, width: side, height: side, data },
  };
}

/** Three planes → pixels of three bytes. */
function interleave(planes: Uint8Array, out: Uint8Array): void {
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) out[3 * i + c] = planes[c * plane + i] as number;
}
