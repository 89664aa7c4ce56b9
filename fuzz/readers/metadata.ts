import { identify, openCheckpoint } from '../../src/checkpoints/index.js';
import { readMobilenetKeys } from '../../src/classifier/mobilenetKeys.js';
import { readTrained } from '../../src/classifier/trained.js';
import { orientationOf } from '../../src/io/orientation.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { concatBytes, text } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';
import { rawProfile, tiff, xmp } from '../make/exif.js';
import { jpeg } from '../make/jpeg.js';
import { nearlyJson } from '../make/json.js';
import { mutated } from '../make/mutate.js';
import { chunk, png } from '../make/png.js';
import { webp } from '../make/webp.js';
import type { Reader } from '../reader.js';
import { goodPictures } from './pictures.js';
import { small, smallWeights } from './small.js';

/** What files say of themselves: the orientation of a picture, and of which network and for which images a file of weights is. */

const images = JSON.stringify({ size: 32, cropRatio: 0.875, filter: 'bicubic', mean: [0.4, 0.4, 0.4], std: [0.2, 0.2, 0.2] });
const options = JSON.stringify({ reduction: 16 });
const labels = JSON.stringify(Array.from({ length: 10 }, (_, i) => `class ${i}`));

const mobilenetKeys = 'image_size mean_r mean_g mean_b std_r std_g std_b num_classes class_0 class_1 class_99999999999999999999'.split(' ');

function described(draw: Draw): Readonly<Record<string, string>> {
  const nearly = (good: string): string => (draw.once(2) ? good : new TextDecoder().decode(nearlyJson(good, draw)));
  const strange = draw.once(6)
    ? {
        [draw.pick(['__proto__', 'constructor', '', '\u001b[2J', 'senet.options'])]: draw.pick([
          '',
          '{}',
          'null',
          'x'.repeat(draw.length(5000)),
        ]),
      }
    : {};
  return {
    ...(!draw.once(4) && {
      'senet.model': draw.once(3) ? draw.pick(['', 'senet/', 'constructor', '__proto__', 'senet/__proto__', 'timm/resnet18', '\0']) : small,
    }),
    ...(draw.once(2) && { 'senet.options': nearly(options) }),
    ...(draw.once(2) && { 'senet.images': nearly(images) }),
    ...(draw.once(2) && { 'senet.labels': nearly(labels) }),
    ...Object.fromEntries(
      draw.several(6, () => [`mobilenet.${draw.pick(mobilenetKeys)}`, draw.pick(['0.5', '3', '0', 'x', '', '1e999', '-1'])]),
    ),
    ...strange,
  };
}

/** A picture of few pixels, or of none, since nobody decodes it. */
function picture(good: ReturnType<typeof goodPictures>, draw: Draw): Uint8Array {
  const kind = draw.whole(0, 5);
  if (kind === 0) return jpeg(draw.pick(good.jpg), draw);
  if (kind === 1) return webp(draw.pick(good.webp), draw);
  if (kind === 2) return png(draw);
  const block = draw.once(4) ? mutated(tiff(draw), draw) : tiff(draw);
  if (kind === 3) return concatBytes([Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, 0, block.length + 8), text('Exif\0\0'), block, draw.bytes(4)]);
  const said = draw.pick([
    () => chunk('eXIf', block),
    () => chunk('iTXt', concatBytes([text('XML:com.adobe.xmp\0\0\0\0\0'), xmp(draw)])),
    () => chunk('tEXt', concatBytes([text('Raw profile type exif\0'), rawProfile(draw)])),
  ]);
  return concatBytes([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), said(), said()]);
}

export async function openMetadata(): Promise<Reader> {
  const good = goodPictures();
  const weights = smallWeights();
  return {
    make: (draw): Record<string, Uint8Array> =>
      draw.once(16) ? { weights: saveSafetensors(weights, { metadata: described(draw) }) } : { picture: picture(good, draw) },
    async read({ weights, picture }) {
      if (picture) return void (await orientationOf(picture));
      const checkpoint = await openCheckpoint(weights as Uint8Array);
      identify(checkpoint, small);
      readTrained('weights', checkpoint.metadata);
      readMobilenetKeys('weights', checkpoint.metadata);
    },
  };
}
