#!/usr/bin/env bash
# jpeg-js repeats the halved colour planes of an ordinary 4:2:0 JPEG, where libjpeg interpolates them: pixels at coloured edges are tens of levels off.
#
# Seen with jpeg-js 0.4.4 beside sharp 0.34.4 (libjpeg-turbo) and @jsquash/jpeg 1.6.0 (mozjpeg) in Node 20.20.2. The two libjpegs agree to the last level; jpeg-js is
# up to 45 of 255 levels off on a picture of coloured waves, and within 3 where colour is not halved (4:4:4), so that it is the interpolation.
# Why it matters: it is what pure JavaScript pipelines (jimp among others) feed to networks that were trained on libjpeg's pixels.
# Source: libjpeg's "fancy upsampling" (jdsample.c), its default and Pillow's; T.81 leaves interpolation open.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --no-audit --no-fund sharp@0.34.4 @jsquash/jpeg@1.6.0 jpeg-js@0.4.4 >>npm.log 2>&1 || { cat npm.log; exit 1; }
cat >probe.mjs <<'E2'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import decodeMozjpeg, { init } from '@jsquash/jpeg/decode.js';
import jpegJs from 'jpeg-js';
import sharp from 'sharp';

globalThis.ImageData ??= class {
  constructor(data, width, height) {
    Object.assign(this, { data, width, height });
  }
};
await init(await WebAssembly.compile(readFileSync('node_modules/@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm')));

const [width, height] = [64, 48];
const pixels = new Uint8Array(width * height * 3);
for (let y = 0; y < height; y++)
  for (let x = 0; x < width; x++)
    pixels.set([128 + 100 * Math.sin(x / 5), 128 + 100 * Math.cos(y / 4 + x / 9), 128 + 100 * Math.sin((x + y) / 3)], (y * width + x) * 3);
const levels = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
const found = {};
for (const chromaSubsampling of ['4:4:4', '4:2:0']) {
  const file = await sharp(pixels, { raw: { width, height, channels: 3 } }).jpeg({ quality: 90, chromaSubsampling }).toBuffer();
  const turbo = await sharp(file).ensureAlpha().raw().toBuffer();
  const moz = (await decodeMozjpeg(Uint8Array.from(file).buffer)).data;
  const js = jpegJs.decode(file, { useTArray: true }).data;
  found[chromaSubsampling] = { mozjpeg: levels(turbo, moz), 'jpeg-js': levels(turbo, js) };
  console.log(`${chromaSubsampling}: levels off libjpeg-turbo's`, found[chromaSubsampling]);
}
assert.deepEqual([found['4:4:4'].mozjpeg, found['4:2:0'].mozjpeg], [0, 0]);
assert.ok(found['4:4:4']['jpeg-js'] <= 4 && found['4:2:0']['jpeg-js'] >= 15);
E2
node probe.mjs
