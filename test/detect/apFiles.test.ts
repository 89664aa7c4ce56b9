import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CocoGroundTruth } from '../../src/detect/ap/coco.js';
import { averagePrecision } from '../../src/detect/ap/createAp.js';
import { averagePrecisionOf } from '../../src/detect/ap/evaluation.js';
import { readDetections, readGroundTruth } from '../../src/detect/ap/files.js';
import { groundTruthOf } from '../../src/detect/ap/groundTruth.js';
import { InputError } from '../../src/errors.js';
import { expectEqual, folder, published } from './oracle.js';

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const image = { id: 7, width: 640, height: 480, file_name: '7.jpg' };
const annotation = { id: 1, image_id: 7, category_id: 3, bbox: [1, 2, 3, 4], area: 12, iscrowd: 0 };
const category = { id: 3, name: 'cat' };
const detection = { image_id: 7, category_id: 3, bbox: [1, 2, 3, 4], score: 0.5 };
const truth = { images: [image], annotations: [annotation], categories: [category] };

const readTruth = (value: unknown) => groundTruthOf(readGroundTruth(bytesOf(value)));

/** Numbers that JSON has no word for. */
const withText = (value: unknown, from: string, to: string): string => JSON.stringify(value).replace(from, to);

describe('files', () => {
  test('the published files, entry by entry', () => {
    const read = groundTruthOf(readGroundTruth(readFileSync(new URL('coco-gt.json', folder))));
    expectEqual(averagePrecisionOf(read, readDetections(readFileSync(new URL('coco-dt.json', folder)), read)), published);
  });

  test('what COCO has beside is passed over: info, licenses, segmentations, supercategories', () => {
    const whole = {
      info: { year: 2017, description: 'COCO' },
      licenses: [{ id: 1 }],
      annotations: [
        { ...annotation, segmentation: [[1, 2, 3, 4, 5, 6]] },
        { ...annotation, id: 2, segmentation: { counts: [1, 2], size: [3, 1] }, iscrowd: 1 },
      ],
      images: [{ ...image, license: 1, coco_url: 'http://', date_captured: '' }],
      categories: [{ ...category, supercategory: 'animal' }],
    };
    expect(readGroundTruth(bytesOf(whole))).toEqual({
      images: [image],
      annotations: [annotation, { ...annotation, id: 2, iscrowd: 1 }],
      categories: [category],
    });
    const found = readDetections(bytesOf([{ ...detection, segmentation: [] }]), readTruth(whole));
    expect(found.length).toBe(1);
  });

  test('iscrowd may be left out, true or false; an image need have nothing but its id', () => {
    const { iscrowd, ...bare } = annotation;
    const annotations = [bare, { ...bare, id: 2, iscrowd: true }, { ...bare, id: 3, iscrowd: false }];
    expect([...readTruth({ images: [{ id: 7 }], annotations, categories: [category] }).crowds]).toEqual([iscrowd, 1, 0]);
  });

  test('no detections are read as none', () => {
    const read = readTruth(truth);
    const { summary } = averagePrecisionOf(read, readDetections(bytesOf('[]'), read));
    expect(summary.map((value) => value)).toEqual([0, 0, 0, 0, -1, -1, 0, 0, 0, 0, -1, -1]);
  });

  test('no images, annotations and categories: nothing to find', () => {
    const read = readTruth({ images: [], annotations: [], categories: [] });
    expect(averagePrecisionOf(read, readDetections(bytesOf([]), read))).toEqual({ summary: Array(12).fill(-1), perClass: {} });
  });

  test('a result file of the shortest lines is within the limits of memory', () => {
    const line = '{"image_id":7,"category_id":3,"bbox":[0,0,1,1],"score":1}';
    const found = readDetections(bytesOf(`[${Array(40_000).fill(line).join(',')}]`), readTruth(truth));
    expect(found.length).toBe(40_000);
  });
});

const change = (part: object) => ({ ...truth, annotations: [annotation, { ...annotation, id: 2, ...part }] });
const { area, ...withoutArea } = annotation;
const { bbox, ...withoutBox } = annotation;

describe('ground truth that is not as COCO has it: one message that names the place and the value', () => {
  test.each<[string, unknown, string]>([
    ['detections', [detection], 'is a list, as detections are, but must be ground truth: an object of images, annotations and categories'],
    ['text', '"x"', 'must be an object, not text at byte 0'],
    ['no JSON', 'images: []', 'must be an object, not "images: []" at byte 0'],
    ['empty', '', 'is empty, not JSON'],
    ['no images', { annotations: [], categories: [] }, 'images is missing: it must be a list'],
    ['no annotations', { images: [], categories: [] }, 'annotations is missing: it must be a list'],
    ['no categories', { images: [], annotations: [] }, 'categories is missing: it must be a list'],
    ['images by name', { ...truth, images: {} }, 'images must be a list, not an object at byte 10'],
    ['an unknown category', change({ category_id: 4 }), 'annotations[1].category_id: no category of the ground truth has the id 4'],
    ['an unknown image', change({ image_id: 8 }), 'annotations[1].image_id: no image of the ground truth has the id 8'],
    ['a negative width', change({ bbox: [1, 2, -3, 4] }), 'annotations[1].bbox has a negative width: [1,2,-3,4]'],
    ['a negative height', change({ bbox: [1, 2, 3, -0.5] }), 'annotations[1].bbox has a negative height: [1,2,3,-0.5]'],
    ['three numbers', change({ bbox: [1, 2, 3] }), 'annotations[1].bbox must be four numbers: x, y, width and height, not [1,2,3]'],
    [
      'five numbers',
      change({ bbox: [1, 2, 3, 4, 5] }),
      'annotations[1].bbox must be four numbers: x, y, width and height, not [1,2,3,4,5]',
    ],
    [
      'text in a box',
      change({ bbox: [1, 2, '3', 4] }),
      'annotations[1].bbox must be four numbers: x, y, width and height, not [1,2,"3",4]',
    ],
    [
      'null in a box',
      change({ bbox: [1, 2, null, 4] }),
      'annotations[1].bbox must be four numbers: x, y, width and height, not [1,2,null,4]',
    ],
    [
      'an infinite width',
      withText(truth, '[1,2,3,4]', '[1,2,1e999,4]'),
      'annotations[0].bbox must be four numbers: x, y, width and height, not [1,2,Infinity,4]',
    ],
    ['NaN', withText(truth, '[1,2,3,4]', '[1,2,NaN,4]'), 'annotations[0]: is not JSON (Unexpected token'],
    ['no box', { ...truth, annotations: [withoutBox] }, 'annotations[0].bbox is missing: it must be four numbers'],
    [
      'no area',
      { ...truth, annotations: [withoutArea] },
      "annotations[0].area is missing: it must be a number from 0, which COCO's ground truth has for each annotation",
    ],
    ['a negative area', change({ area: -1 }), 'annotations[1].area must be a number from 0, not -1'],
    ['half a crowd', change({ iscrowd: 2 }), 'annotations[1].iscrowd must be 0 or 1, not 2'],
    ['an id as text', change({ id: '2' }), 'annotations[1].id must be a whole number, not "2"'],
    [
      'an id beyond exact numbers',
      withText(truth, '"id":7', '"id":9007199254740993'),
      'images[0].id must be a whole number, not 9007199254740992',
    ],
    ['an annotation twice', change({ id: 1 }), 'annotations[1].id: 1 is also the id of annotations[0]'],
    ['an image twice', { ...truth, images: [image, image] }, 'images[1].id: 7 is also the id of images[0]'],
    [
      'a category twice',
      { ...truth, categories: [category, { id: 3, name: 'dog' }] },
      'categories[1].id: 3 is also the id of categories[0]',
    ],
    [
      'a name twice',
      { ...truth, categories: [category, { id: 4, name: 'cat' }] },
      'categories[1].name: "cat" is also the name of categories[0]',
    ],
    ['no name', { ...truth, categories: [{ id: 3 }] }, 'categories[0].name is missing: it must be text'],
    [
      'a number for an annotation',
      { ...truth, annotations: [5] },
      'annotations[0] must be an object of id, image_id, category_id, bbox, area, iscrowd, not 5',
    ],
  ])('%s', (_, value, message) => {
    expect(() => readTruth(value)).toThrow(InputError);
    expect(() => readTruth(value)).toThrow(message);
  });
});

describe('detections that are not as COCO has them', () => {
  const two = (part: object) => [detection, { ...detection, ...part }];
  const { bbox: _, ...mask } = detection;
  test.each<[string, unknown, string]>([
    ['ground truth', truth, 'is an object, as ground truth is, but must be a list of detections: image_id, category_id, bbox, score'],
    ['a number', '3', 'detections must be a list, not "3" at byte 0'],
    ['empty', '', 'is empty, not JSON'],
    ['cut short', JSON.stringify([detection]).slice(0, -9), 'is not JSON (the file ends within the value at byte 1)'],
    ['an unknown category', two({ category_id: 4 }), 'detections[1].category_id: no category of the ground truth has the id 4'],
    ['an unknown image', two({ image_id: 8 }), 'detections[1].image_id: no image of the ground truth has the id 8'],
    ['an image by its name', two({ image_id: '7' }), 'detections[1].image_id must be a whole number, not "7"'],
    ['a negative width', two({ bbox: [1, 2, -3, 4] }), 'detections[1].bbox has a negative width: [1,2,-3,4]'],
    ['no score', two({ score: undefined }), 'detections[1].score is missing: it must be a number'],
    ['a score as text', two({ score: '0.5' }), 'detections[1].score must be a number, not "0.5"'],
    ['an infinite score', withText([detection], '0.5', '-1e999'), 'detections[0].score must be a number, not -Infinity'],
    ['segmentations alone', [{ ...mask, segmentation: {} }], 'detections[0].bbox is missing: it must be four numbers'],
    ['a list', [[7, 1, 2, 3, 4, 0.5, 3]], 'detections[0] must be an object of image_id, category_id, bbox, score, not [7,1,2,3,4,0.5,3]'],
  ])('%s', (_, value, message) => {
    expect(() => readDetections(bytesOf(value), readTruth(truth))).toThrow(InputError);
    expect(() => readDetections(bytesOf(value), readTruth(truth))).toThrow(message);
  });

  test('in the library as in files', () => {
    expect(() => averagePrecision(truth as unknown as CocoGroundTruth, two({ image_id: 8 }) as never)).toThrow(
      'detections[1].image_id: no image of the ground truth has the id 8',
    );
    expect(() => averagePrecision([detection] as never, [])).toThrow('must be an object of images, annotations, categories');
    expect(() => averagePrecision(truth as unknown as CocoGroundTruth, truth as never)).toThrow('detections must be a list');
    expect(() => averagePrecision({ ...truth, annotations: [withoutArea] } as never, [])).toThrow('annotations[0].area is missing');
  });
});
