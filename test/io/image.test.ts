import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { crc32 } from '../../src/io/crc32.js';
import { type DecodeOptions, decodeImage } from '../../src/io/image.js';
import { pngChunks } from '../../src/io/png.js';
import type { Pixels } from '../../src/io/resize.js';
import { expectations, photographs, readJson, sha256 } from './fixtures.js';

interface Decoded {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly sha256: string;
  /** What turning it upright makes of it, where that is something else. */
  readonly upright?: readonly [width: number, height: number, sha256: string];
}

const folder = new URL('files/', expectations);
const { files } = await readJson<{ files: readonly Decoded[] }>('files.json');
const names = await readdir(folder);
const bytesOf = async (name: string): Promise<Uint8Array> => new Uint8Array(await readFile(new URL(name, folder)));
const decode = (bytes: Uint8Array, file = 'some.file'): Promise<Pixels> => decodeImage(bytes, { file });

/** The message of the InputError that decoding ends in. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const error = await decode(bytes).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message;
}

describe('equal to PIL', () => {
  test.each(files)('$file', async ({ file, width, height, sha256: expected }) => {
    const pixels = await decode(await bytesOf(file));
    expect([pixels.width, pixels.height]).toEqual([width, height]);
    expect(sha256(pixels.data)).toBe(expected);
  });

  test.each(files)('$file, turned upright', async (row) => {
    const [width, height, expected] = row.upright ?? [row.width, row.height, row.sha256];
    const pixels = await decodeImage(await bytesOf(row.file), { orient: true });
    expect([pixels.width, pixels.height]).toEqual([width, height]);
    expect(sha256(pixels.data)).toBe(expected);
  });

  test('every orientation that is not upright is among the files', () => {
    const turned = files.filter(({ upright }) => upright).map(({ file }) => file);
    expect(turned).toEqual(expect.arrayContaining([2, 3, 4, 5, 6, 7, 8].map((orientation) => `exif${orientation}.jpg`)));
    expect(turned).toEqual(expect.arrayContaining(['exif6.png', 'exif6.webp', 'exif-big-endian.jpg']));
  });

  test('every file has its answer, or is one of the unread', () => {
    expect(names.filter((name) => !name.startsWith('unread.')).sort()).toEqual(files.map(({ file }) => file).sort());
  });

  test('images decoded at the same time do not mix, nor do their errors', async () => {
    const [whole, png] = (await Promise.all(['444.jpg', 'rgb8.png'].map(bytesOf))) as [Uint8Array, Uint8Array];
    const results = await Promise.allSettled([whole, whole.subarray(0, -9), whole, png].map((bytes) => decode(bytes)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  });
});

interface Fault {
  readonly name: string;
  /** Its bytes in base64. */
  readonly file: string;
  /** Width, height and SHA-256 of PIL's pixels; null where it refuses. */
  readonly pixels: Answer | null;
  readonly tolerant: Answer | null;
}
type Answer = readonly [width: number, height: number, sha256: string];
const faults = (await readJson<{ cases: readonly Fault[] }>('faults.json')).cases;

/** What PIL reads and we do not, and why: pixels that are damaged, missing or in doubt are not made up, but where that is tolerated. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['ends with a row', 'expected 30 bytes of pixels, found 20'],
  ['wrong Adler-32 in a chunk of its own', 'incorrect data check'],
  ['more rows than it has, with a wrong CRC', 'IDAT has a wrong CRC-32'],
  ['cut, with an end put behind', 'premature end of data segment'],
]);
/** What is not read at all, since PIL's answer depends on its version of libjpeg. */
const unread = new Set(
  ['DC alone', 'luma alone has AC', 'no last bit of AC', 'no last bit of DC', 'no last coefficient'].map(
    (scans) => `progressive: ${scans}`,
  ),
);

async function answer(file: string, options: DecodeOptions): Promise<Answer | null> {
  const pixels = await decodeImage(new Uint8Array(Buffer.from(file, 'base64')), options).catch((error: unknown) => {
    expect(error).toBeInstanceOf(InputError);
    return null;
  });
  return pixels && [pixels.width, pixels.height, sha256(pixels.data)];
}

describe('damaged and unusual files', () => {
  test.each(faults.filter(({ name }) => !refusals.has(name) && !unread.has(name)))('$name: as PIL', async ({ file, pixels }) => {
    expect(await answer(file, {})).toEqual(pixels);
  });

  test.each(faults.filter(({ name }) => refusals.has(name)))('$name: refused, though PIL reads it', async ({ name, file, pixels }) => {
    expect(pixels).not.toBeNull();
    expect(await refusal(new Uint8Array(Buffer.from(file, 'base64')))).toContain(refusals.get(name));
  });

  test.each(faults.filter(({ name }) => unread.has(name)))('$name: refused by name, tolerant or not', async ({ file, pixels }) => {
    expect(pixels).not.toBeNull();
    const bytes = new Uint8Array(Buffer.from(file, 'base64'));
    for (const tolerant of [false, true])
      await expect(decodeImage(bytes, { tolerant })).rejects.toThrow(/^a progressive JPEG without its last scans/);
  });

  // there PIL does not look at the checksum, and the row that it vouches for is kept
  const other = (name: string): boolean => unread.has(name) || name === 'wrong Adler-32 in a chunk of its own';
  test.each(faults.filter(({ name }) => !other(name)))('$name: as PIL with LOAD_TRUNCATED_IMAGES', async ({ file, tolerant }) => {
    expect(await answer(file, { tolerant: true })).toEqual(tolerant);
  });
});

test.each((await readJson<{ cases: readonly { name: string; file: string; upright: Answer }[] }>('orientation.json')).cases)(
  '$name: upright as the newest Pillow has it',
  async ({ file, upright }) => {
    expect(await answer(file, { orient: true })).toEqual(upright);
  },
);

describe('a lossless WebP of one colour takes no bit a pixel', () => {
  test.each([
    ['a still of 1920×1080', 'UklGRh4AAABXRUJQVlA4TBEAAAAvf8cNAQfQ//73v/+BiOh/AAA=', 1920, 1080, 255],
    [
      'the first frame of an animation',
      'UklGRoQAAABXRUJQVlA4WAoAAAASAAAA/wQA/wQAQU5JTQYAAAAAAAAAAABBTk1GJgAAAAAAAAAAAP8EAP8EAGQAAAJWUDhMDgAAAC//xD8BBxAR/Q9ERP8DQU5NRioAAAACAAACAAABAAABAABkAAAAVlA4TBEAAAAvAUAAEA8Q8x/zH4wRiOh/CAA=',
      ...([1280, 1280, 0] as const),
    ],
  ] as const)('%s', async (_, base64, width, height, value) => {
    const pixels = await decode(Uint8Array.from(Buffer.from(base64, 'base64')));
    expect([pixels.width, pixels.height, pixels.data.every((byte) => byte === value)]).toEqual([width, height, true]);
  });
});

test('what the header of a WebP does not tell of turns nothing', async () => {
  const bytes = Uint8Array.from(await bytesOf('exif6.webp'));
  const turned = await decodeImage(bytes, { orient: true });
  bytes[20] = (bytes[20] as number) & ~0x08;
  const flat = await decodeImage(bytes, { orient: true });
  expect([flat.width, flat.height]).toEqual([turned.height, turned.width]);
});

describe('an animated WebP', () => {
  const uint24 = (value: number): readonly number[] => [value & 255, (value >> 8) & 255, value >> 16];
  const chunk = (name: string, contents: Iterable<number>): readonly number[] => {
    const bytes = [...contents];
    const size = bytes.length;
    return [...new TextEncoder().encode(name), ...uint24(size), 0, ...bytes, ...(size % 2 ? [0] : [])];
  };
  /** The file's image as the first frame, on a canvas, an even number of pixels from its corner. */
  const animated = (
    still: Uint8Array,
    canvas: readonly [number, number],
    frame: readonly [number, number],
    at: readonly [number, number],
  ) => {
    const image = [
      ...uint24(at[0] / 2),
      ...uint24(at[1] / 2),
      ...frame.flatMap((side) => uint24(side - 1)),
      ...uint24(100),
      0,
      ...still.subarray(12),
    ];
    const chunks = [
      ...chunk('VP8X', [2, 0, 0, 0, ...canvas.flatMap((side) => uint24(side - 1))]),
      ...chunk('ANIM', [255, 255, 255, 255, 0, 0]),
      ...chunk('ANMF', image),
    ];
    return Uint8Array.from(chunk('RIFF', [...new TextEncoder().encode('WEBP'), ...chunks]));
  };

  test('its first frame lies on black where it is smaller than the canvas', async () => {
    const still = await bytesOf('lossless.webp');
    const { width, height, data } = await decode(still);
    const pixels = await decode(animated(still, [width + 7, height + 9], [width, height], [2, 4]));
    expect([pixels.width, pixels.height]).toEqual([width + 7, height + 9]);
    const expected = new Uint8Array(pixels.data.length);
    for (let row = 0; row < height; row++)
      expected.set(data.subarray(3 * row * width, 3 * (row + 1) * width), 3 * ((row + 4) * (width + 7) + 2));
    expect(pixels.data).toEqual(expected);
  });

  test('a frame beyond its canvas, a canvas out of proportion, and none', async () => {
    const still = await bytesOf('lossless.webp');
    const { width, height } = await decode(still);
    expect(await refusal(animated(still, [width, height], [width, height], [2, 0]))).toMatch(
      /expected its first frame within \d+×\d+ pixels, found .* at 2, 0/,
    );
    expect(await refusal(animated(still, [16384, 16384], [width, height], [0, 0]))).toMatch(/claims 16384×16384 pixels: more than/);
    expect(await refusal(animated(still.subarray(0, 12), [9, 9], [9, 9], [0, 0]))).toContain('it holds no image');
    const bare = Uint8Array.from(chunk('RIFF', [...new TextEncoder().encode('WEBP'), ...chunk('ANMF', new Uint8Array(16))]));
    expect(await refusal(bare)).toContain('expected the sizes of its canvas and of its first frame');
  });
});

describe('refused by name', () => {
  test.each([
    ['unread.arithmetic.jpg', 'arithmetic'],
    ['unread.grey16.png', '16-bit greyscale'],
  ])('%s: %s', async (name, found) => {
    const message = await refusal(await bytesOf(name as string));
    expect(message).toContain('some.file: ');
    expect(message).toContain(found);
  });

  test.each([
    ['nothing', [], 'an empty file'],
    ['a GIF', [...new TextEncoder().encode('GIF89a')], 'a GIF image'],
    ['an AVIF', [0, 0, 0, 28, ...new TextEncoder().encode('ftypavif')], 'an AVIF image'],
    ['text', [...new TextEncoder().encode('hello, world')], '12 bytes that start with 68 65 6c 6c 6f 2c 20 77'],
  ])('%s', async (_, bytes, found) => {
    expect(await refusal(Uint8Array.from(bytes))).toBe(`some.file: expected a JPEG, PNG or WebP image, found ${found}`);
  });

  test('without a file name the message starts with the fault', async () => {
    await expect(decodeImage(new Uint8Array())).rejects.toThrow(/^expected a JPEG, PNG or WebP/);
  });
});

describe('damage', () => {
  test.each(files)('$file is refused wherever it is cut off before the last of its pixels', async ({ file, sha256: expected }) => {
    const bytes = await bytesOf(file);
    const stride = Math.ceil(bytes.length / 50);
    for (let length = 0; length < bytes.length; length += length < bytes.length - 20 ? stride : 1) {
      const pixels = await decode(bytes.subarray(0, length)).catch((error: unknown) => error);
      // a PNG's checksum and IEND come after its pixels
      if (file.endsWith('.png') && !(pixels instanceof Error)) expect(sha256((pixels as Pixels).data)).toBe(expected);
      else expect(pixels).toBeInstanceOf(InputError);
    }
  });

  test('a photograph without its last bytes is not filled up, but where that is tolerated', async () => {
    const rocket = new Uint8Array(await readFile(new URL('rocket.jpg', photographs)));
    for (const missing of [1, 2, 3, 1000, 60_000]) {
      const cut = rocket.subarray(0, -missing);
      expect(await refusal(cut)).toContain(`the JPEG is truncated: it ends after ${cut.length} bytes`);
      expect((await decodeImage(cut, { tolerant: true })).width).toBe(640);
    }
  });

  test('a PNG cut short is told how many bytes of pixels it should have, and one with two headers is refused', async () => {
    const bytes = await bytesOf('rgb8.png');
    expect(await refusal(bytes.subarray(0, -40))).toMatch(/truncated: expected 552 bytes of pixels, found \d+$/);
    const [signatureAndHeader, rest] = [bytes.subarray(0, 33), bytes.subarray(33)];
    expect(await refusal(Uint8Array.of(...signatureAndHeader, ...signatureAndHeader.subarray(8), ...rest))).toContain('two headers');
  });

  test('any wrong byte in a PNG is refused or changes no pixel: what stands before the pixels has a checksum, and so have they', async () => {
    const bytes = await bytesOf('profile.png');
    const expected = files.find(({ file }) => file === 'profile.png')?.sha256;
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const pixels = await decode(bytes.map((byte, i) => (i === at ? byte ^ flip : byte))).catch((error: unknown) => error);
        if (pixels instanceof Error) expect(pixels).toBeInstanceOf(InputError);
        else expect(sha256((pixels as Pixels).data)).toBe(expected);
      }),
    );
  });

  test.each(['420.progressive.jpg', 'exif6.jpg', 'cmyk.jpg', 'palette8.png', 'lossy-alpha.webp', 'exif8-lossless.webp'])(
    'wrong bytes in %s end in an image of its size or in an InputError',
    async (file) => {
      const bytes = await bytesOf(file);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          fc.boolean(),
          async (writes, tolerant) => {
            const damaged = bytes.slice();
            for (const [at, byte] of writes) damaged[at] = byte;
            const pixels = await decodeImage(damaged, { orient: true, tolerant }).catch((error: unknown) => {
              expect(error).toBeInstanceOf(InputError);
              return undefined;
            });
            if (pixels) expect(pixels.data.length).toBe(pixels.width * pixels.height * 3);
          },
        ),
      );
    },
  );

  test.each(['420.jpg', 'grey.progressive.jpg', 'cmyk.jpg', 'rgb8.png', 'grey1.png', 'lossy.webp'])(
    '%s: a header that claims what the file cannot hold is refused before anything is allocated',
    async (file) => {
      const bytes = await bytesOf(file);
      expect(await refusal(claiming(bytes, 4000, 5000))).toContain('claims 4000×5000 pixels: more than');
      expect(await refusal(claiming(bytes, 15_000, 12_000))).toContain('claims 15000×12000 pixels: more than the 178956970');
      expect(await refusal(claiming(bytes, 0, 7))).toContain('claims 0×7 pixels: none');
    },
  );
});

test('of a truncated progressive JPEG the early scans alone are not read, tolerant or not: each libjpeg smooths them in its own way', async () => {
  const bytes = await bytesOf('420.progressive.jpg');
  await expect(decodeImage(bytes.slice(0, bytes.length / 2), { tolerant: true })).rejects.toThrow(
    /^a progressive JPEG without its last scans/,
  );
  await expect(decodeImage(bytes.slice(0, bytes.length / 2))).rejects.toThrow(/^the JPEG is truncated/);
});

describe('hostile files', () => {
  test('a header of far more pixels than the file was made of is refused, tolerant or not', async () => {
    const bytes = (await bytesOf('rgb8.png')).slice();
    const view = new DataView(bytes.buffer);
    view.setUint32(16, 3); // IHDR: width, height
    view.setUint32(20, 16_711_695);
    view.setUint32(29, crc32(bytes.subarray(12, 29)));
    for (const tolerant of [false, true])
      await expect(decodeImage(bytes, { tolerant })).rejects.toThrow(/the header claims 3×16711695 pixels: more than \d+ bytes can hold/);
  });

  test('a progressive JPEG of 2000 scans that go over millions of pixels each is refused before any is decoded', async () => {
    const bytes = Buffer.from(await bytesOf('grey.progressive.jpg'));
    const last = bytes.lastIndexOf(Buffer.of(0xff, 0xda));
    const scans = Array.from({ length: 2000 }, () => bytes.subarray(last, -2));
    const bomb = new Uint8Array(Buffer.concat([bytes.subarray(0, -2), ...scans, bytes.subarray(-2)]));
    expect(await refusal(claiming(bomb, 4000, 3000))).toMatch(/its \d+ scans hold \d+ bytes, too few for 4000×3000 pixels each/);
  });

  test('a JPEG of 100,000 segments is refused', async () => {
    const bytes = Buffer.from(await bytesOf('444.jpg'));
    const comments = Buffer.alloc(4e5, Buffer.of(0xff, 0xfe, 0, 2));
    expect(await refusal(new Uint8Array(Buffer.concat([bytes.subarray(0, 2), comments, bytes.subarray(2)])))).toContain(
      'at most 16384 segments',
    );
  });

  test('a PNG with a chunk for each byte of its pixels is read', async () => {
    const row = files.find(({ file }) => file === 'rgb8.png');
    const bytes = Buffer.from(await bytesOf('rgb8.png'));
    const pixels = [...pngChunks(bytes)].filter(({ name }) => name === 'IDAT').flatMap(({ contents }) => [...contents]);
    const chunks = pixels.map((byte) => {
      const chunk = Buffer.from([0, 0, 0, 1, ...Buffer.from('IDAT'), byte, 0, 0, 0, 0]);
      chunk.writeUInt32BE(crc32(chunk.subarray(4, 9)), 9);
      return chunk;
    });
    const split = Buffer.concat([bytes.subarray(0, 33), ...chunks]);
    expect(sha256((await decode(new Uint8Array(split))).data)).toBe(row?.sha256);
  });
});

/** The file with other extents in its header: behind `IHDR` in a PNG, behind the frame's length and precision in a JPEG, behind
 * the start code in a WebP. */
function claiming(bytes: Uint8Array, width: number, height: number): Uint8Array {
  const claim = Buffer.from(bytes);
  const ihdr = claim.indexOf('IHDR');
  const sof = Math.max(claim.indexOf(Buffer.of(0xff, 0xc0)), claim.indexOf(Buffer.of(0xff, 0xc2)));
  const vp8 = claim.indexOf(Buffer.of(0x9d, 0x01, 0x2a));
  if (ihdr > 0) {
    claim.writeUInt32BE(width, ihdr + 4);
    claim.writeUInt32BE(height, ihdr + 8);
  } else if (vp8 > 0) {
    claim.writeUInt16LE(width, vp8 + 3);
    claim.writeUInt16LE(height, vp8 + 5);
  } else {
    claim.writeUInt16BE(height, sof + 5);
    claim.writeUInt16BE(width, sof + 7);
  }
  return new Uint8Array(claim);
}
