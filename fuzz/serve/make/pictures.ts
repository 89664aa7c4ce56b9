import { readFileSync } from 'node:fs';
import { concatBytes, text } from '../../../test/support/files/bytes.js';
import type { Draw } from '../../draw.js';
import { jpeg } from '../../make/jpeg.js';
import { mutated } from '../../make/mutate.js';
import { png } from '../../make/png.js';
import { webp } from '../../make/webp.js';
import { root } from '../../place.js';
import { goodPictures } from '../../readers/pictures.js';
import { binaryRequest, element, type Malformed, pictureRequest, type Request, refused } from '../request.js';

/** Pictures, alone, in forms and in tensors. */

const good = goodPictures();
const all = Object.values(good).flat();

/** Among those above are some that cannot be decoded here. */
const photographs = ['chelsea.png', 'rocket.jpg', 'moose.webp'].map(
  (name) => new Uint8Array(readFileSync(new URL(`assets/images/${name}`, root))),
);

export const soundPicture = (draw: Draw): Uint8Array => draw.pick(photographs);

/** As BYTES of a tensor. */
const asTensor = (bytes: Uint8Array, count: number, size = bytes.length): Request =>
  binaryRequest({ inputs: [{ name: 'image', datatype: 'BYTES', shape: [count], parameters: { binary_data_size: size } }] }, bytes);

const sent = (picture: Uint8Array, draw: Draw): Request => (draw.once(3) ? asTensor(element(picture), 1) : pictureRequest(picture));

/** Nearly right: some can be read still. */
const nearly = (draw: Draw): Malformed => {
  const kind = draw.whole(0, 3);
  const picture =
    kind === 0
      ? mutated(draw.pick(all), draw)
      : kind === 1
        ? png(draw)
        : kind === 2
          ? jpeg(draw.pick(good.jpg), draw)
          : webp(draw.pick(good.webp), draw);
  return refused(sent(picture, draw), 200, 400);
};

const cut = (draw: Draw): Malformed => {
  const picture = draw.pick(all);
  return refused(sent(picture.subarray(0, draw.whole(0, Math.floor(picture.length / 2))), draw));
};

const none = (draw: Draw): Malformed =>
  refused(
    sent(
      draw.pick([
        text('text'),
        text('<svg/>'),
        text('GIF89a'),
        text('BM'),
        new Uint8Array(draw.length(9000)),
        draw.bytes(draw.length(900)),
      ]),
      draw,
    ),
  );

/** A header that claims more pixels than are taken. */
const huge = (draw: Draw): Malformed => {
  const picture = draw.pick(good.png).slice();
  new DataView(picture.buffer).setUint32(16, draw.whole(2 ** 25, 2 ** 31 - 1));
  return refused(sent(picture, draw));
};

/** Lengths of elements that do not fit the bytes. */
const elements = (draw: Draw): Malformed => {
  const picture = draw.pick(all);
  const off = draw.whole(1, 2 ** 31);
  return refused(
    draw.pick<() => Request>([
      () => asTensor(element(picture, picture.length + off), 1),
      () => asTensor(element(picture, picture.length - draw.whole(1, picture.length)), 1),
      () => asTensor(element(picture), 2),
      () => asTensor(concatBytes([element(picture), element(picture)]), 1),
      () => asTensor(element(picture).subarray(0, draw.whole(0, 3)), 1),
      () => asTensor(new Uint8Array(), draw.pick([0, 1, 32])),
      () => asTensor(element(picture), 1, picture.length + 4 + off),
    ])(),
  );
};

const formType = (boundary: string): readonly [string, string] => ['Content-Type', `multipart/form-data${boundary}`];

const forms = (draw: Draw): Malformed => {
  const file = (name: string): Uint8Array =>
    concatBytes([text(`--edge\r\nContent-Disposition: form-data; name="${name}"; filename="a"\r\n\r\n`), draw.pick(all), text('\r\n')]);
  const end = text('--edge--\r\n');
  const field = text('--edge\r\nContent-Disposition: form-data; name="top"\r\n\r\n2\r\n');
  const form = (boundary: string, ...parts: readonly Uint8Array[]): Request => ({
    ...pictureRequest(concatBytes(parts)),
    headers: [formType(boundary)],
  });
  const edge = '; boundary=edge';
  return refused(
    draw.pick<() => Request>([
      () => form('', file('a'), end),
      () => form('; boundary=other', file('a'), end),
      () => form(edge, file('a')),
      () => form(edge, file('a'), file('b'), end),
      () => form(edge, field, end),
      () => form(edge, field, file('a'), end),
      () => form(edge, file('a'), field, end),
      () => form(edge, end),
      () => form(edge),
      () => form(edge, text('--edge\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n\r\n'), end),
      () => form(edge, draw.bytes(draw.length(3000)), end),
    ])(),
    ...[400, 413],
  );
};

export const pictures: readonly ((draw: Draw) => Malformed)[] = [nearly, nearly, cut, none, huge, elements, forms];
