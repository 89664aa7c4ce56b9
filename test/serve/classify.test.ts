import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../serve/src/http/app.js';
import { classes, fakeHost, labels, logitsOf, options, picture } from './fakeHost.js';

let app: ReturnType<typeof createApp>;
beforeEach(() => {
  app = createApp({ host: fakeHost(), options });
});
afterEach(() => app.close());

const post = (query: string, payload: Buffer | string, type = 'image/jpeg') =>
  app.inject({ method: 'POST', url: `/v1/classify${query}`, headers: { 'content-type': type }, payload });

const part = (head: string, content: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from(`--edge\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')]);
const form = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, Buffer.from('--edge--\r\n')]);
const file = (content: Buffer): Buffer => part('name="file"; filename="a.jpg"', content);
const formType = 'multipart/form-data; boundary=edge';

test.each(['image/jpeg', 'image/png', 'image/webp', 'application/octet-stream', 'Image/JPEG; q=1'])(
  'a body of %s is a picture',
  async (type) => {
    const response = await post('', picture(1, 4, 2, 3, 0), type);
    const powers = [1, 4, 2, 3, 0].map(Math.exp);
    const sum = powers.reduce((a, b) => a + b);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      model: 'fake',
      top: [1, 3, 2, 0, 4].map((index) => ({
        index,
        label: labels[index] ?? null,
        probability: expect.closeTo((powers[index] as number) / sum, 12),
      })),
    });
  },
);

test('a form of one file is the same', async () => {
  const raw = await post('?top=2', picture(1, 4, 2));
  const inForm = await post('?top=2', form(file(picture(1, 4, 2))), formType);
  expect(inForm.json()).toEqual(raw.json());
});

test('the query names the model, how many classes, and whether gates are told', async () => {
  const response = await post('?model=fake&top=1&gates=true', picture(0, 0, 9));
  expect(response.json()).toEqual({
    model: 'fake',
    top: [{ index: 2, label: 'cat', probability: expect.any(Number) }],
    gates: { 'layer1.0.se': [0.25, 0.5] },
  });
  expect((await post('?gates=false', picture(1))).json().gates).toBeUndefined();
});

test('probabilities are finite however large the logits, and sum to 1', async () => {
  const { top } = (await post(`?top=${classes}`, picture(...Array<number>(40_000).fill(255)))).json();
  expect(Math.max(...logitsOf(Array<number>(40_000).fill(255)))).toBeGreaterThan(1e6); // e to it is beyond float64
  expect(top.reduce((sum: number, { probability }: { probability: number }) => sum + probability, 0)).toBeCloseTo(1, 12);
});

test.each([
  ['?top=0', 400, /top is a whole number from 1 to 5, not "0"/],
  ['?top=6', 400, /from 1 to 5/],
  ['?top=', 400, /top/],
  ['?top=1&top=2', 400, /top/],
  ['?gates=yes', 400, /gates is true or false, not "yes"/],
  ['?size=9', 400, /not "size"/],
  ['?model=other', 404, /no model "other" here: fake/],
])('%s is %i', async (query, status, message) => {
  const response = await post(query, picture(1));
  expect(response.statusCode).toBe(status);
  expect(response.json().error).toMatch(message);
});

test.each([
  ['an empty body', 'image/jpeg', Buffer.alloc(0), 400, /empty/],
  ['what cannot be read', 'image/jpeg', Buffer.from('text'), 400, /no picture/],
  ['another type', 'text/plain', picture(1), 415, /image\/jpeg.*not text\/plain/],
  ['a form without a file', formType, form(), 400, /form/],
  ['a form of two files', formType, form(file(picture(1)), file(picture(2))), 413, /one file/],
  ['a form with a field', formType, form(part('name="top"', '3'), file(picture(1))), 413, /no fields/],
  ['a form that ends early', formType, file(picture(1)).subarray(0, 90), 400, /form/],
  ['a form without a boundary', 'multipart/form-data', form(file(picture(1))), 400, /form/],
  ['a form that is none', formType, Buffer.from('text'), 400, /form/],
])('%s is refused', async (_, type, payload, status, message) => {
  const response = await post('', payload, type);
  expect([response.statusCode, response.json()]).toEqual([status, { error: expect.stringMatching(message), code: expect.any(String) }]);
});

test('a form is held to the limit of bodies', async () => {
  const response = await post('', form(file(picture(...Array<number>(options.bodyLimit).fill(1)))), formType);
  expect([response.statusCode, response.json().code]).toEqual([413, 'too-large']);
});
