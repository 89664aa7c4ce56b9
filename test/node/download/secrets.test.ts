import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placeOf } from '../../../src/node/download/cache.js';
import { fetchFile } from '../../../src/node/download/fetchFile.js';
import { masked } from '../../../src/node/masked.js';
import { DownloadError } from '../../../src/pretrained/download/error.js';
import { findPretrained } from '../../../src/pretrained/index.js';
import { senetWith } from '../../cli/senet.js';
import { serve } from './server.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-secrets-'));
});
afterEach(() => rm(folder, { recursive: true }));

const failing = (url: string, token?: string): Promise<unknown> =>
  fetchFile(url, join(folder, 'f'), { token, stallMs: 500 }).catch((error: unknown) => error);

test.each(['se\nsame', 'se\r\nx: same', 'sesame\0', 'sésame', 'se same', '\u001b[31msesame', '\u202esesame'])(
  'a token that no request can carry (%j) is refused before there is one, and not shown',
  async (token) => {
    const { origin, requests } = await serve((_, response) => response.end());
    const error = await failing(`${origin}/f`, token);
    expect(error).toMatchObject({ name: 'DownloadError', fault: 'token' });
    expect(inspect(error, { depth: 9 })).not.toMatch(/same/);
    expect(requests).toEqual([]);
  },
);

test('a token that a server says back is masked', async () => {
  for (const answer of [
    { status: 401, headers: { 'x-error-message': 'no such token: hf_secret' } },
    { status: 302, headers: { location: 'file:///hf_secret' } },
    { status: 302, headers: { location: '/f?token=hf_secret' } },
  ]) {
    const { origin } = await serve((_, response) => response.writeHead(answer.status, answer.headers).end());
    const error = await failing(`${origin}/f`, 'hf_secret');
    expect(error).toBeInstanceOf(DownloadError);
    expect(inspect(error, { depth: 9 })).not.toContain('hf_secret');
  }
});

test('addresses with a user and a password are not asked, redirected to, or shown', async () => {
  const { origin, requests } = await serve((_, response) =>
    response.writeHead(302, { location: 'http://anna:sesame@127.0.0.1:1/g' }).end(),
  );
  const place = new URL(origin);
  for (const url of [`${origin}/f`, `http://anna:sesame@${place.host}/f`, `http://anna@${place.host}/f`]) {
    const error = await failing(url);
    expect(error).toBeInstanceOf(DownloadError);
    expect(inspect(error, { depth: 9 })).not.toMatch(/anna|sesame/);
  }
  expect(requests).toHaveLength(1);
});

test.each([
  'https://anna:sesame@mirror.example',
  'https://anna:ses/ame@mirror.example',
  'https://anna:ses ame@mirror.example/hub',
  'anna:sesame@mirror',
  'ftp://anna:sesame@mirror',
  'https://mirror.example/?key=sesame',
])('HF_ENDPOINT %s is refused without its secrets', (HF_ENDPOINT) => {
  const entry = findPretrained('seresnet50.ra2_in1k');
  const refused = (): unknown => placeOf(entry, 'main', { HF_ENDPOINT });
  expect(refused).toThrow(/^HF_ENDPOINT: expected an address/);
  expect(refused).not.toThrow(/anna|sesame/);
});

test('what is printed beside results holds no secret, wherever it came from', async () => {
  expect(masked('see https://anna:sesame@host/path and //b@c', undefined)).toBe('see https://***@host/path and //***@c');
  expect(masked('token hf_se+cret, or hf_se%2Bcret', 'hf_se+cret')).toBe('token ***, or ***');
  const environment = { HF_TOKEN: 'hf_secret', SENET_CACHE: folder, HF_ENDPOINT: 'http://anna:sesame@127.0.0.1:1' };
  for (const args of [
    ['classify', 'https://anna:sesame@host/a.png', 'hf_secret', '--json'],
    ['classify', 'x.png', '--weights', 'https://anna:sesame@host/a.pth'],
    ['classify', 'x.png', '--model', 'resnet18.tv_in1k', '--json'],
    ['cache', 'path', 'resnet18.tv_in1k'],
    ['weights', '--json'],
    ['inspect', 'https://anna:sesame@host/hf_secret'],
  ]) {
    const { code, stdout, stderr } = await senetWith(environment, ...args);
    expect(code).toBe(2);
    expect(`${stdout}${stderr}`).not.toMatch(/sesame|hf_secret/);
  }
});
