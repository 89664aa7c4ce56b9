import { describe, expect, test } from 'vitest';
import { heard, tell } from '../../../src/classifier/worker/errors.js';
import { InputError, PlanError, SenetError, ShapeError, UnsupportedError, WeightsError } from '../../../src/errors.js';
import { DownloadError } from '../../../src/pretrained/download/error.js';

/** To another thread and back. */
const sent = (error: unknown): unknown => heard(structuredClone(tell(error)));

class Own extends Error {
  override readonly name = 'Own';
  readonly code = 7;
}

describe('an error that crosses to another thread', () => {
  test.each([
    new SenetError('a'),
    new ShapeError('conv2d', { x: [1, 2], w: [3] }),
    new WeightsError('damaged', { tensor: 'fc.weight', shapes: { expected: [2], found: [3] }, cause: new RangeError('inner') }),
    new InputError('no picture', { cause: new InputError('because', { cause: new Error('of this') }) }),
    new UnsupportedError('no threads'),
    new PlanError('crashed'),
    new DownloadError('hash', 'https://host/file', 'other bytes'),
    new TypeError('x is not a function'),
    Object.assign(new Error('no such file'), { code: 'ENOENT', errno: -2 }),
  ])('keeps class, message, stack, causes and fields: %s', (error) => {
    const other = sent(error) as Error;
    expect(other).toEqual(error);
    expect(other.constructor).toBe(error.constructor);
    expect(String(other)).toBe(String(error));
    expect(Object.keys(other).sort()).toEqual(Object.keys(error).sort());
    expect(other.stack).toBe(error.stack);
  });

  test('of a class that is unknown here is an Error of that name', () => {
    const other = sent(new Own('mine')) as Own;
    expect(other).toBeInstanceOf(Error);
    expect([other.name, other.message, other.code]).toEqual(['Own', 'mine', 7]);
  });

  test('leaves out what cannot be cloned, and ends where it is its own cause', () => {
    const round = Object.assign(new Error('round'), { call: () => 1 });
    round.cause = round;
    let depth = 0;
    for (let error = sent(round) as Error | undefined; error !== undefined; error = error.cause as Error | undefined) {
      expect(Object.keys(error)).not.toContain('call');
      depth++;
    }
    expect(depth).toBe(9);
  });

  test.each([[undefined], ['a text'], [{ code: 3 }]])('may be none: %o', (thrown) => expect(sent(thrown)).toEqual(thrown));
});
