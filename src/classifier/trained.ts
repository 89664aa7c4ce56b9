import { imagesKey, normalisationKey } from '../checkpoints/index.js';
import { naming } from '../errors.js';
import { parseJson } from '../io/jsonText.js';
import { type Label, parseLabels } from '../io/labels.js';
import { filters } from '../io/resize.js';
import { anyText, atLeast, object, oneOf, optional, plain, positive, type Read, share, three, wholeFrom } from '../io/schema.js';
import type { Preset } from '../pretrained/preset.js';
import type { TrainingConfig } from '../train/config.js';

/** What a network that was trained here says, in its file's metadata, of the images that it was trained for. */
export interface Trained {
  /** How the images of its test set were made; undefined where no preset says it. */
  readonly preset: Preset | undefined;
  /** What its classes are called. */
  readonly labels: readonly Label[] | undefined;
}

const labelsKey = 'senet.labels';

const images = object({
  size: wholeFrom(1, 2 ** 14),
  cropRatio: share,
  filter: oneOf(...filters),
  mean: three(atLeast(0)),
  std: three(positive),
  range: optional(plain<1 | 255>('1 or 255', (value) => value === 1 || value === 255)),
  channels: optional(oneOf('rgb', 'bgr')),
});

/** What a file says of the images and labels that its network is trained for: `readTrained` reads it. No preset is said where none says how the images are made. */
export function trainedMetadata(
  config: Pick<TrainingConfig, 'preparation' | 'normalisation'>,
  size: number,
  classes: readonly string[],
): Readonly<Record<string, string>> {
  return presetMetadata(
    presetOf(config, size),
    classes.map((name) => ({ name })),
  );
}

/** The same of any network. The larger size of its publisher's tests is not said. */
export function presetMetadata(preset: Preset | undefined, labels: readonly Label[] | undefined): Readonly<Record<string, string>> {
  const { test: _, ...images } = preset ?? {};
  const names = labels?.map(({ name, synset }) => (synset === undefined ? name : `${synset} ${name}`));
  return { ...(preset && { [imagesKey]: JSON.stringify(images) }), ...(names && { [labelsKey]: JSON.stringify(names) }) };
}

/** @throws InputError naming file and key if what is there is not what `trainedMetadata` gives */
export function readTrained(file: string, { [imagesKey]: preset, [labelsKey]: labels }: Readonly<Record<string, string>>): Trained {
  return {
    preset:
      preset === undefined
        ? undefined
        : naming(`${file}: metadata`, () =>
            withoutAbsent(
              images.read(
                naming(imagesKey, () => parseJson(preset)),
                imagesKey,
              ),
            ),
          ),
    labels: labels === undefined ? undefined : naming(`${file}: metadata ${labelsKey}`, () => parseLabels(labels)),
  };
}

const normalisation = object({
  mean: three(atLeast(0)),
  std: three(positive),
  range: optional(plain<1 | 255>('1 or 255', (value) => value === 1 || value === 255)),
  layer: anyText,
});

/** How a layer of the file normalises images, and what that layer is called; undefined if none does. @throws InputError naming file and key for what is none */
export function readNormalisation(file: string, { [normalisationKey]: said }: Readonly<Record<string, string>>) {
  if (said === undefined) return undefined;
  const { layer, mean, std, range } = naming(`${file}: metadata`, () =>
    normalisation.read(
      naming(normalisationKey, () => parseJson(said)),
      normalisationKey,
    ),
  );
  return { layer, images: { mean, std, range: range ?? 1, channels: 'rgb' } as const };
}

const withoutAbsent = ({ range, channels, ...preset }: Read<typeof images>): Preset => ({
  ...preset,
  ...(range && { range }),
  ...(channels && { channels }),
});

/** Images as they are, or resized and then cropped in the middle: no other preparation can be written as a preset. */
function presetOf({ preparation, normalisation }: Pick<TrainingConfig, 'preparation' | 'normalisation'>, size: number): Preset | undefined {
  const [first, second, ...more] = preparation;
  if (first === undefined) return { size, cropRatio: 1, filter: 'bilinear', ...normalisation };
  if (first.name !== 'resize' || second?.name !== 'centreCrop' || more.length > 0 || first.size < second.size) return undefined;
  return { size: second.size, cropRatio: cropRatio(first.size, second.size), filter: first.filter, ...normalisation };
}

/** The ratio from which ⌊size / ratio⌋ finds the side before the crop again. */
function cropRatio(side: number, size: number): number {
  const ratio = size / side;
  return Math.floor(size / ratio) === side ? ratio : size / (side + 0.5);
}
