import { InputError } from '../errors.js';
import type { Preset } from '../pretrained/preset.js';
import { shown } from '../tensor.js';
import { type Average, averages } from './average.js';
import { type CropCount, cropCounts } from './views.js';

/** Several views of each picture, and how what is said of them becomes one answer. */
export interface ProtocolOptions {
  /**
   * How many squares are cut out of each scale: 1, the centre; 2, it and its mirror image; 5 and 10, torchvision's FiveCrop and TenCrop. 144 are GoogLeNet's
   * (Szegedy 2015), 36 of each of four scales.
   *
   * @defaultValue 1
   */
  readonly crops?: CropCount;
  /**
   * The shorter sides, in pixels, to which the picture is resized, each from the original.
   *
   * @defaultValue the one that the weights were published for; of 144 crops 8, 9, 10 and 11 sevenths of the network's image: 256, 288, 320 and 352 for 224
   */
  readonly scales?: readonly number[];
  /** What is averaged over the views: each view's probabilities; or the logits, of which the softmax is taken then. @defaultValue 'probabilities' */
  readonly average?: Average;
}

/** How pictures are seen. */
export interface Protocol extends Required<ProtocolOptions> {
  /** How often the network is run on a picture. */
  readonly views: number;
  /** Multiply-adds of a picture: what the paper calls FLOPs. */
  readonly macs: number;
}

/** What 144 crops are made of. */
const scalesOf144 = 4;

/** Above it, a mistyped size is likelier than a picture. */
const largestScale = 2 ** 14;

/** @throws InputError for what is no number of crops, scale or average; a scale below the network's image; 144 crops of other than four scales */
export function protocolOf(
  { crops = 1, scales, average = 'probabilities' }: ProtocolOptions,
  { size, cropRatio }: Pick<Preset, 'size' | 'cropRatio'>,
): Omit<Protocol, 'macs'> {
  if (!cropCounts.includes(crops)) throw new InputError(`crops is ${listed(cropCounts)}, not ${shown(crops)}`);
  if (!averages.includes(average)) throw new InputError(`average is ${listed(averages)}, not ${shown(average)}`);
  if (scales !== undefined) checkScales(scales, size, crops);
  const usual = crops === 144 ? [8, 9, 10, 11].map((sevenths) => Math.floor((size * sevenths) / 7)) : [Math.floor(size / cropRatio)];
  const sides = scales ?? usual;
  return { crops, scales: sides, average, views: sides.length * (crops === 144 ? crops / scalesOf144 : crops) };
}

function checkScales(scales: readonly number[], size: number, crops: CropCount): void {
  if (!Array.isArray(scales) || scales.length === 0)
    throw new InputError(`scales are a list of shorter sides in pixels, not ${shown(scales)}`);
  for (const scale of scales) {
    if (!Number.isSafeInteger(scale) || scale > largestScale)
      throw new InputError(`scales are whole numbers of pixels, ${largestScale} at most, not ${shown(scale)}`);
    if (scale < size) throw new InputError(`scales: ${scale} pixels are fewer than the ${size} of the network's image`);
  }
  if (crops === 144 && scales.length !== scalesOf144)
    throw new InputError(`scales: 144 crops are of ${scalesOf144} scales, found ${scales.length}`);
}

const listed = (values: readonly (string | number)[]): string => `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
