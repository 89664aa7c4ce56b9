#!/usr/bin/env bash
# A progressive JPEG without its last scans is valid, and two libjpegs read other pixels from it: sharp's libjpeg-turbo smooths blocks by more neighbours than mozjpeg.
#
# Seen with sharp 0.34.4 and @jsquash/jpeg 1.6.0 (mozjpeg) in Node 20.20.2. The whole file is equal in both, to the last level. After its first scan alone they
# differ by up to 50 of 255 levels, after two scans by 39, after nine of ten still by 1; neither gives a warning. jpeg-js, which does not smooth, differs from both.
# Why it matters: cameras' previews, interrupted encoders and `cjpeg -scans` make such files; a classifier's input depends on the decoder's version.
# Source: ITU-T T.81, G.1.1: a decoder may stop at any scan. libjpeg-turbo's ChangeLog 2.1: smoothing by the 5x5 neighbouring blocks.
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
    pixels.set([128 + 100 * Math.sin(x / 5), 128 + 100 * Math.cos(y / 4 + x / 9), (x * y) % 256], (y * width + x) * 3);
const file = await sharp(pixels, { raw: { width, height, channels: 3 } }).jpeg({ progressive: true, quality: 90, chromaSubsampling: '4:4:4' }).toBuffer();

/** Where each scan begins: its tables lie before its SOS marker, behind the data of the scan before. */
const scanEnds = [];
for (let at = 2, inScan = false; at < file.length; ) {
  const marker = file[at + 1];
  if (inScan) scanEnds.push(at);
  if (marker === 0xd9) break;
  inScan = marker === 0xda;
  at += 2 + file.readUInt16BE(at + 2);
  if (inScan) while (!(file[at] === 0xff && file[at + 1] !== 0)) at++;
}
const decoders = {
  sharp: async (bytes) => sharp(bytes).ensureAlpha().raw().toBuffer(),
  mozjpeg: async (bytes) => (await decodeMozjpeg(Uint8Array.from(bytes).buffer)).data,
  'jpeg-js': async (bytes) => jpegJs.decode(bytes, { useTArray: true }).data,
};
const levels = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
const found = [];
for (const end of scanEnds) {
  const bytes = Buffer.concat([file.subarray(0, end), Buffer.of(0xff, 0xd9)]);
  const [turbo, moz, js] = [await decoders.sharp(bytes), await decoders.mozjpeg(bytes), await decoders['jpeg-js'](bytes)];
  found.push(levels(turbo, moz));
  console.log(`scans 1 to ${found.length} of ${scanEnds.length}: sharp and mozjpeg differ by ${found.at(-1)} levels, sharp and jpeg-js by ${levels(turbo, js)}`);
}
assert.ok(found[0] >= 40 && found[1] >= 30, 'the first scans');
assert.equal(found.at(-1), 0, 'the whole file');
E2
node probe.mjs
