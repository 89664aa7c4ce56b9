import { expect, test } from 'vitest';
import { InputError, SenetError } from '../../src/errors.js';
import { parseJson } from '../../src/io/jsonText.js';
import { createModel } from '../../src/models/index.js';
import { parseVector } from '../../src/verify/vector.js';
import { damagedJson, damagedText } from '../support/damaged.js';

const sound = {
  model: 'x',
  source: 'PyTorchCV (0.0.67) seresnet20_cifar10 (5 classes)',
  seed: 7,
  gain: 1,
  input: [2, 3, 32, 32],
  parameters: 274_522,
  logits: [
    [1, 2, 3, 4, 5],
    [6, 7, 8, 9, 10],
  ],
  gates: { 'features.stage1.unit1.se.sigmoid': [[0.5, 0.25]] },
};

/** As far as `senet verify` goes before it computes. */
function use(json: unknown): void {
  const { id, classes, input, gates } = parseVector(json);
  createModel(id, { classes, batch: input[0], size: [input[2], input[3]], gates: [...gates.keys()] });
}

test('rows, and rows of rows, are one row', () => {
  const vector = parseVector(sound);
  expect([vector.id, vector.classes, [...vector.logits]]).toEqual(['pytorchcv/seresnet20_cifar10', 5, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]);
  expect([...vector.gates]).toEqual([['features.stage1.unit1.se.sigmoid', Float64Array.of(0.5, 0.25)]]);
});

test('a damaged vector is refused, or read as what is left of it', () => {
  let refused = 0;
  for (const text of [...damagedJson(sound), ...damagedText(JSON.stringify(sound))]) {
    try {
      use(parseJson(text));
    } catch (error) {
      expect(error, text.slice(0, 200)).toBeInstanceOf(SenetError);
      expect((error as Error).message.length).toBeLessThan(1000);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test.each([
  [{ input: [1, 3, 1e6, 1e6] }, 'input must be of at most 67108864 values'],
  [{ input: [1, 3, 32] }, 'input must be a list of 4'],
  [{ logits: [1, 2, 3] }, 'logits: 3 values are not a row for each of 2 images'],
  [{ logits: [] }, 'logits: expected a list of numbers'],
  [{ source: 'keras resnet50' }, 'source: expected one of timm, '],
  [{ source: '__proto__ constructor' }, 'source: expected one of timm, '],
  [{ gates: JSON.parse('{"__proto__": 1}') }, 'gates.__proto__: expected a list of numbers'],
  [{ seed: '7' }, 'seed must be a number, not "7"'],
])('%o: %s', (change, message) => {
  expect(() => use({ ...sound, ...change })).toThrow(InputError);
  expect(() => use({ ...sound, ...change })).toThrow(message);
});
