import { InputError, naming } from '../errors.js';
import type { Label } from '../io/labels.js';
import { atLeast, object, positive, wholeFrom } from '../io/schema.js';
import type { Preset } from '../pretrained/preset.js';
import type { Trained } from './trained.js';

/** What QVAC's GGUF files say of a MobileNetV3's images and classes (docs/spec/checkpoints.md §6.3), in values that are text. */
const prefix = 'mobilenet';

const images = object({
  image_size: wholeFrom(1, 2 ** 14),
  ...{ mean_r: atLeast(0), mean_g: atLeast(0), mean_b: atLeast(0) },
  ...{ std_r: positive, std_g: positive, std_b: positive },
});
const imageKeys = 'image_size mean_r mean_g mean_b std_r std_g std_b'.split(' ');

/** @throws InputError naming file and key for images of which only a part is told, and for classes of which one has no label */
export function readMobilenetKeys(file: string, metadata: Readonly<Record<string, string>>): Trained {
  return naming(`${file}: metadata`, () => ({ preset: presetIn(metadata), labels: labelsIn(metadata) }));
}

/** Nothing is said of a larger image that is cropped, so that all of the shorter side is kept. */
function presetIn(metadata: Readonly<Record<string, string>>): Preset | undefined {
  const said = imageKeys.flatMap((key) => {
    const text = metadata[`${prefix}.${key}`];
    return text === undefined ? [] : [[key, numberOf(text)] as const];
  });
  if (said.length === 0) return undefined;
  const { image_size, mean_r, mean_g, mean_b, std_r, std_g, std_b } = images.read(Object.fromEntries(said), prefix);
  return { size: image_size, cropRatio: 1, filter: 'bilinear', mean: [mean_r, mean_g, mean_b], std: [std_r, std_g, std_b] };
}

/** The text itself where it is none, for the message. */
const numberOf = (text: string): number | string => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text));

function labelsIn(metadata: Readonly<Record<string, string>>): readonly Label[] | undefined {
  const count = metadata[`${prefix}.num_classes`];
  const keys = Object.keys(metadata).filter((key) => /^mobilenet\.class_\d+$/.test(key));
  if (keys.length === 0) return undefined;
  const labels = keys.map((_, i) => metadata[`${prefix}.class_${i}`]);
  const missing = labels.indexOf(undefined);
  if (missing >= 0) throw new InputError(`${prefix}.class_${missing}: expected a label, found nothing`);
  if (count !== undefined && Number(count) !== labels.length)
    throw new InputError(`${prefix}.num_classes: expected ${labels.length}, one per label, found ${count.slice(0, 80)}`);
  return labels.map((name) => ({ name: name as string }));
}
