import { expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { entryOf } from '../../src/node/evaluationEntry.js';

const examples = [
  { name: 'a/1.png', path: '/a/1.png', label: 0 },
  { name: 'b/1.png', path: '/b/1.png', label: 1 },
];
const kind = entryOf(examples, 3);
const sound = { index: 1, name: 'b/1.png', label: 1, top: [2, 1, 0] };

test('what became of an image, or why nothing', () => {
  expect(kind.read(sound, '')).toEqual(sound);
  const failed = { index: 0, name: 'a/1.png', error: 'gone' };
  expect(kind.read(failed, '')).toEqual(failed);
});

test.each([
  ['no object', null],
  ['a list', [sound]],
  ['no such image', { ...sound, index: 2 }],
  ['no whole number', { ...sound, index: 0.5 }],
  ['another image', { ...sound, index: 0 }],
  ['another label', { ...sound, label: 0 }],
  ['no label', { ...sound, label: undefined }],
  ['no such class', { ...sound, top: [3, 1, 0] }],
  ['too few classes', { ...sound, top: [1] }],
  ['a class twice', { ...sound, top: [1, 1, 0] }],
  ['no list', { ...sound, top: { length: 3 } }],
  ['an error that is none', { ...sound, error: 3 }],
  ['names of every object', JSON.parse('{"__proto__": {"index": 0, "name": "a/1.png", "label": 0, "top": [0, 1, 2]}}')],
])('%s is refused', (_, value) => {
  expect(() => kind.read(value, '')).toThrow(InputError);
});
