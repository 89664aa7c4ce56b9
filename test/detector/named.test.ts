import { expect, test } from 'vitest';
import { mostBytesOfDetector, namedDetector, publishedOf } from '../../src/detector/named.js';
import { InputError } from '../../src/errors.js';
import { listDetectors } from '../../src/models/detection/index.js';
import { publishedDetectors } from '../../src/pretrained/detectors.js';
import { fullName } from '../../src/pretrained/names.js';

const id = 'torchvision/fasterrcnn_resnet50_fpn';

test.each(['fasterrcnn_resnet50_fpn', id, 'fasterrcnn_resnet50_fpn.COCO_V1', `${id}.COCO_V1`])(
  '%s is a detector and its weights',
  (name) => {
    const named = namedDetector(name);
    expect(named.id).toBe(id);
    expect(publishedOf(named)).toBe(publishedDetectors[0]);
  },
);

test('every published file is of a detector, is known by its full name, and is large enough for float32', () => {
  const ids = new Set(listDetectors().map((model) => model.id));
  for (const entry of publishedDetectors) {
    expect(ids.has(entry.network)).toBe(true);
    expect(namedDetector(fullName(entry))).toEqual({ id: entry.network, published: entry });
    expect(mostBytesOfDetector(entry)).toBeGreaterThan(4 * 19e6);
  }
});

test('a detector whose weights nobody publishes is one, without them', () => {
  const ours = namedDetector('fasterrcnn_seresnet50_fpn');
  expect(ours).toEqual({ id: 'senet/fasterrcnn_seresnet50_fpn', published: undefined });
  expect(() => publishedOf(ours)).toThrow(
    new InputError('no weights are published for senet/fasterrcnn_seresnet50_fpn: hand a checkpoint in as weights'),
  );
});

test.each<readonly [unknown, string]>([
  ['fasterrcnn_resnet50', 'did you mean fasterrcnn_resnet50_'],
  ['fasterrcnn_resnet50.COCO_V1', 'unknown detector fasterrcnn_resnet50 (did you mean'],
  ['fasterrcnn_resnet50_fpn.COCO_V2', `no weights are called fasterrcnn_resnet50_fpn.COCO_V2; of ${id} there are ${id}.COCO_V1`],
  ['senet/fasterrcnn_resnet50_fpn.COCO_V1', 'unknown detector senet/fasterrcnn_resnet50_fpn'],
  ['senet/fasterrcnn_resnet50_c4.COCO_V1', 'of senet/fasterrcnn_resnet50_c4 there are none'],
  [5, 'a detector is called by a text'],
  [null, 'a detector is called by a text'],
])('%s is none: %s', (name, message) => {
  const call = () => namedDetector(name as string);
  expect(call).toThrow(InputError);
  expect(call).toThrow(message);
});
