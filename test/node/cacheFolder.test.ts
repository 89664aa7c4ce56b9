import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { cacheFolder, ensure, type Place, placeOf } from '../../src/node/download/cache.js';
import { findPretrained } from '../../src/pretrained/index.js';

test.each([
  [{ SENET_CACHE: '/a', XDG_CACHE_HOME: '/b' }, '/a'],
  [{ XDG_CACHE_HOME: '/b' }, '/b/senet'],
  [{ XDG_CACHE_HOME: 'relative' }, join(homedir(), '.cache', 'senet')],
  [{ SENET_CACHE: '' }, join(homedir(), '.cache', 'senet')],
])('%j: the cache is %s', (environment, folder) => {
  expect(cacheFolder(environment)).toBe(folder);
});

describe('places', () => {
  const environment = { SENET_CACHE: '/c', HF_TOKEN: 'hf_secret' };

  test('of the hub: main, another revision, another endpoint', () => {
    const entry = findPretrained('seresnet50.ra2_in1k');
    expect(placeOf(entry, undefined, environment)).toEqual({
      url: 'https://huggingface.co/timm/seresnet50.ra2_in1k/resolve/main/model.safetensors',
      file: '/c/timm/seresnet50.ra2_in1k/model.safetensors',
      hub: true,
      token: 'hf_secret',
    });
    expect(placeOf(entry, '../x', environment)).toMatchObject({
      url: 'https://huggingface.co/timm/seresnet50.ra2_in1k/resolve/..%2Fx/model.safetensors',
      file: '/c/timm/seresnet50.ra2_in1k@..%2Fx/model.safetensors',
    });
    expect(placeOf(entry, 'main', { ...environment, HF_ENDPOINT: 'http://mirror:8080/hub/' }).url).toBe(
      'http://mirror:8080/hub/timm/seresnet50.ra2_in1k/resolve/main/model.safetensors',
    );
    expect(() => placeOf(entry, 'main', { HF_ENDPOINT: 'mirror' })).toThrow('HF_ENDPOINT: expected an address, found mirror');
  });

  test('of an address: no token, the digits of its name', () => {
    expect(placeOf(findPretrained('legacy_seresnet50.in1k'), undefined, environment)).toEqual({
      url: 'https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-cadene/se_resnet50-ce0d4300.pth',
      file: '/c/timm/legacy_seresnet50.in1k/se_resnet50-ce0d4300.pth',
      hub: false,
      sha256: 'ce0d4300',
    });
    expect(() => placeOf(findPretrained('legacy_seresnet50.in1k'), 'v2', environment)).toThrow('has no revisions');
  });

  test('of a page: there is none', () => {
    expect(() => placeOf(findPretrained('caffe/SE-ResNet-50.release'))).toThrow('fetch it from https://github.com/hujie-frank/SENet');
  });
});

describe('a file that is there', () => {
  const content = 'weights';
  const sha256 = createHash('sha256').update(content).digest('hex');
  let place: Place;
  beforeEach(async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'senet-cache-')), 'model.safetensors');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    place = { url: 'http://127.0.0.1:1/', file, hub: true };
  });
  afterEach(() => rm(dirname(place.file), { recursive: true }));

  test('put there by hand, it gets its SHA-256 beside it, and is held to it from then on', async () => {
    await ensure(place, { offline: true });
    expect(await readFile(`${place.file}.sha256`, 'utf8')).toBe(`${sha256}  model.safetensors\n`);
    await ensure(place, { offline: true });
    await writeFile(place.file, 'weighty');
    const changed = ensure(place, { offline: true });
    await expect(changed).rejects.toThrow(InputError);
    await expect(changed).rejects.toThrow(`${place.file}: expected a file whose SHA-256 is ${sha256}`);
  });

  test('put there by hand, it is held to what is published', async () => {
    await ensure({ ...place, sha256: sha256.slice(0, 8) }, { offline: true });
    await rm(`${place.file}.sha256`);
    await expect(ensure({ ...place, sha256: '00000000' }, { offline: true })).rejects.toThrow('whose SHA-256 is 00000000');
  });

  const damaged = {
    empty: '',
    short: '0'.repeat(63),
    'too long': `${sha256}0`,
    'without a name': sha256,
    "another file's": `${sha256}  other.safetensors\n`,
    'no digits': `${'g'.repeat(64)}  model.safetensors\n`,
    endless: 'x'.repeat(1_000_000),
  };

  test.each(Object.entries(damaged))(
    'with something %s beside it, it is held to what is published all the same, and gets it anew',
    async (_, text) => {
      await writeFile(`${place.file}.sha256`, text);
      await expect(ensure({ ...place, sha256: '00000000' }, { offline: true })).rejects.toThrow('whose SHA-256 is 00000000');
      await ensure({ ...place, sha256: sha256.slice(0, 8) }, { offline: true });
      expect(await readFile(`${place.file}.sha256`, 'utf8')).toBe(`${sha256}  model.safetensors\n`);
    },
  );

  test.each(Object.entries(damaged))('with something %s beside it, and nothing published, it is not trusted', async (_, text) => {
    await writeFile(`${place.file}.sha256`, text);
    const refused = ensure(place, { offline: true });
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(`${place.file}.sha256: expected the SHA-256 of the file beside it`);
  });

  test('exchanged together with what is beside it, it is held to what is published', async () => {
    await ensure(place, { offline: true });
    await expect(ensure({ ...place, sha256: '00000000' }, { offline: true })).rejects.toThrow('whose SHA-256 is 00000000');
  });
});
