import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError, SenetError } from '../../src/errors.js';
import { parseJson } from '../../src/io/jsonText.js';
import { checkOps } from '../../src/verify/detection/opsChecks.js';
import type { GraphOps } from '../../src/verify/detection/opsGraphChecks.js';
import { kernelOps, referenceOps } from '../../src/verify/detection/opsGraphs.js';
import { parseOpsVector, sectionNames } from '../../src/verify/detection/opsVector.js';
import { damagedJson, damagedText } from '../support/damaged.js';
import { plainOps } from './plainOps.js';

const text = readFileSync(new URL('../fixtures/detection/ops.json', import.meta.url), 'utf8');
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const sound = (): { [key: string]: Json } => JSON.parse(text);

/** A file of one section. */
const only = (section: string): { [key: string]: Json } => ({
  about: '',
  seed: sound().seed as number,
  [section]: sound()[section] as Json,
});
const checked = (json: unknown, ops: GraphOps = plainOps) => checkOps(parseOpsVector(json), ops);
const tried = async (json: unknown) => await checked(json);

const ofFile = await checked(sound());

describe('the conformance file', () => {
  test.each(ofFile)('$name: $error of at most $limit', ({ pass }) => {
    expect(pass).toBe(true);
  });

  test('a check’s name is its own', () => {
    const names = ofFile.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('each section is known, and enough for a file', async () => {
    expect(Object.keys(sound()).sort()).toEqual(['about', 'seed', ...sectionNames].sort());
    for (const section of sectionNames) {
      const checks = await checked(only(section));
      expect(checks.length, section).toBeGreaterThan(0);
      expect(checks.every(({ pass }) => pass)).toBe(true);
    }
  });
});

/** What a file gives, by its path. Every other number is expected. */
const given = [
  /^seed$/,
  /^anchors\[\d+\]\.(image|grids|sizes|ratios)\b/,
  /^boxCoder\[\d+\]\.(weights|boxes|deltas|targets)\b/,
  /^clip\.(image|boxes)\b/,
  /^nms\[\d+\]\.(threshold|boxes|scores|classes)\b/,
  /^rpn\[\d+\]\.(image|counts|preNms|postNms|threshold|minSize|scoreThreshold|proposals|objectness)\b/,
  /^roi\.single\[\d+\]\.(features|spatialScale|size|samplingRatio|rois)\b/,
  /^roi\.multi\.(image|features|boxes)\b/,
  /^fpn\[\d+\]\.(outChannels|inputs)\b/,
  /^transform\.sizes\[\d+\]\[[0-3]\]$/,
  /^transform\.batches\[\d+\]\.(minSize|maxSize|images|mean|std|step)\b/,
  /^transform\.batches\[\d+\]\.back\[\d+\]\.boxes\b/,
  /^postprocess\[\d+\]\.(image|scoreThreshold|nmsThreshold|detectionsPerImage|proposals|logits|deltas)\b/,
];

interface Place {
  readonly path: string;
  readonly value: number;
  set(value: number): void;
}

/** The numbers of a value; of a list the first, one in the middle and the last. */
function* numbersIn(value: Json, path = ''): Generator<Place> {
  if (typeof value !== 'object' || value === null) return;
  const parts = Object.entries(value);
  const some = Array.isArray(value) ? new Set([0, Math.floor(parts.length / 2), parts.length - 1]) : undefined;
  for (const [i, [key, part]] of parts.entries()) {
    if (some && !some.has(i)) continue;
    const below = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    if (typeof part === 'number') yield { path: below, value: part, set: (changed) => Object.assign(value, { [key]: changed }) };
    else yield* numbersIn(part, below);
  }
}

test('whatever number a file expects, another one fails', async () => {
  let tried = 0;
  for (const section of sectionNames) {
    const json = only(section);
    for (const { path, value, set } of [...numbersIn(json)]) {
      if (given.some((pattern) => pattern.test(path))) continue;
      tried++;
      set(Number.isInteger(value) ? value + 1 : value + 1e-4);
      let failed = false;
      try {
        failed = (await checked(json)).some(({ pass }) => !pass);
      } catch (error) {
        expect(error, path).toBeInstanceOf(SenetError);
        failed = true;
      }
      expect(failed, path).toBe(true);
      set(value);
    }
  }
  expect(tried).toBeGreaterThan(200);
});

describe('wrong results of the caller’s graphs', () => {
  test('fail the checks of pooling and pyramids alone', async () => {
    const ops: GraphOps = {
      limit: plainOps.limit,
      roi: (given) => ({ shape: [], data: plainOps.roi(given).data.map((value) => value + 1e-6) }),
      fpn: (given) => new Map([...plainOps.fpn(given)].slice(1)),
    };
    const failed = (await checked(sound(), ops)).filter(({ pass }) => !pass);
    expect(failed.map(({ name }) => name)).toEqual([
      'roi align output',
      'roi pool output',
      'roi multi output',
      'fpn fpn maps',
      'fpn fpn 3',
    ]);
    expect(failed.at(-1)?.error).toBeNull();
  });

  test('NaN is no pass', async () => {
    const ops: GraphOps = { ...plainOps, roi: (given) => ({ shape: [], data: plainOps.roi(given).data.fill(Number.NaN) }) };
    expect((await checked(only('roi'), ops))[0]).toMatchObject({ error: null, pass: false });
  });
});

describe('what is no such file', () => {
  test('an unknown section is named, at any depth', () => {
    expect(() => parseOpsVector({ ...sound(), masks: [] })).toThrow('masks is no key');
    const json = only('roi') as { roi: { single: { [key: string]: Json }[] } };
    (json.roi.single[0] as { [key: string]: Json }).levels = 3;
    expect(() => parseOpsVector(json)).toThrow('roi.single[0].levels is no key');
  });

  test('a file of no section is none', () => {
    expect(() => parseOpsVector({ about: '', seed: 1 })).toThrow(InputError);
  });

  test('what does not fit together names its section', async () => {
    const json = only('nms') as { nms: { scores: number[] }[] };
    json.nms[0]?.scores.pop();
    await expect(checked(json)).rejects.toThrow(/^nms: nms: one per box/);
  });

  test('a file that asks for memory out of proportion is refused', async () => {
    const change = (section: string, at: (part: never) => void): unknown => {
      const json = only(section);
      at(json[section] as never);
      return json;
    };
    const hostile = [
      change('anchors', (part: { grids: Json }[]) =>
        Object.assign(part[0] as object, { image: [16384, 16384], grids: Array(5).fill([16384, 16384]) }),
      ),
      change('roi', ({ single }: { single: { features: Json }[] }) =>
        Object.assign(single[0] as object, { features: [4096, 4096, 64, 64] }),
      ),
      change('roi', ({ single }: { single: object[] }) => Object.assign(single[0] as object, { size: [16384, 16384] })),
      change('roi', ({ single }: { single: object[] }) => Object.assign(single[0] as object, { samplingRatio: -1, spatialScale: 1e9 })),
      change('roi', ({ multi }: { multi: object }) => Object.assign(multi, { features: { 0: [1, 4000000, 1, 1] } })),
      change('fpn', (part: object[]) => Object.assign(part[0] as object, { outChannels: 4096 })),
      change('fpn', (part: { inputs: object }[]) => Object.assign((part[0] as { inputs: object }).inputs, { 3: [1, 2000000, 2, 2] })),
      change('transform', ({ batches }: { batches: object[] }) => Object.assign(batches[0] as object, { batch: [1, 3, 16384, 16384] })),
    ];
    for (const json of hostile) await expect(tried(json), JSON.stringify(json).slice(0, 200)).rejects.toThrow(InputError);
    // the file's batch bounds what is made: another size is never made
    const large = change('transform', ({ batches }: { batches: object[] }) =>
      Object.assign(batches[0] as object, { minSize: 16384, maxSize: 16384 }),
    );
    expect((await checked(large)).filter(({ pass }) => !pass).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['transform 0 batch', 'transform 0 values']),
    );
  });

  test('a damaged file is refused, or fails, or is as good', async () => {
    const { nms, clip, boxCoder } = sound() as { nms: Json[]; clip: Json; boxCoder: Json[] };
    const small = { about: '', seed: 51, nms: nms.slice(2, 3), clip, boxCoder: boxCoder.slice(1) };
    let refused = 0;
    for (const damaged of [...damagedJson(small), ...damagedText(JSON.stringify(small))]) {
      try {
        await checked(parseJson(damaged));
      } catch (error) {
        expect(error, damaged.slice(0, 200)).toBeInstanceOf(SenetError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});

describe('the graphs of pooling and pyramids', () => {
  test.each([
    ['the reference', referenceOps],
    ['strict kernels', kernelOps({ kernels: 'strict', algorithms: 'direct' })],
  ])('by %s', async (_, ops) => {
    for (const section of ['roi', 'fpn'] as const) {
      const checks = await checked(only(section), ops);
      expect(checks.filter(({ pass }) => !pass)).toEqual([]);
      expect(checks.length).toBeGreaterThan(3);
    }
  });

  test('a region of an image that there is not is an error', async () => {
    const json = only('roi') as { roi: { single: { rois: number[][] }[] } };
    (json.roi.single[0] as { rois: number[][] }).rois[0] = [7, 1, 1, 5, 5];
    await expect(checked(json, referenceOps)).rejects.toThrow('roi: region 0 is of image 7, and there are 2');
  });
});
