import type { RearrangeAttrs } from '../ops/op.js';
import { eachSource } from '../ops/rearrange.js';
import type { Shape } from '../tensor.js';
import { denseLayout, type Layout } from './layout.js';
import type { RearrangePacking } from './packing.js';

/** Where in its buffer the number at a place of the row-major order lies. */
function addressIn(shape: Shape): (at: number) => number {
  const { channels, height, width, image, line, pixel } = denseLayout(shape);
  const plane = height * width;
  return (at) => {
    const inPlane = at % plane;
    const c = Math.floor(at / plane) % channels;
    const n = Math.floor(at / (plane * channels));
    return n * image + Math.floor(inPlane / width) * line + (inPlane % width) * pixel + 4 * c;
  };
}

/** Of each value of the result, in the order of its buffer without pads: where it comes from, in bytes, or −1. */
export function placesOf(attrs: RearrangeAttrs, from: Shape): Int32Array {
  const { channels, height, width } = denseLayout(attrs.shape);
  const plane = height * width;
  const source = addressIn(from);
  const places = new Int32Array(attrs.shape.reduce((product, extent) => product * extent, 1));
  eachSource(attrs, (at, index) => {
    const c = Math.floor(at / plane) % channels;
    const n = Math.floor(at / (plane * channels));
    places[(n * plane + (at % plane)) * channels + c] = index < 0 ? -1 : source(index);
  });
  return places;
}

interface Apart {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

/** The same as a place for each pixel and one for each channel that add up; undefined where they do not. */
export function placesApart(places: Int32Array, { channels }: Layout): Apart | undefined {
  const pixels = places.length / channels;
  const first = places.findIndex((place) => place >= 0);
  if (first < 0) return { rows: new Int32Array(pixels).fill(-1), columns: new Int32Array(channels) };
  const row = first - (first % channels); // a pixel that has something; its channels tell which have
  const base = places[first] as number;
  const columns = Array.from(places.subarray(row, row + channels));
  const rows = Array.from({ length: pixels }, (_, pixel) => places[pixel * channels + (first - row)] as number);
  const least = Math.min(...columns.filter((place) => place >= 0));
  for (let pixel = 0, at = 0; pixel < pixels; pixel++)
    for (let c = 0; c < channels; c++, at++) {
      const [r, k] = [rows[pixel] as number, columns[c] as number];
      if (places[at] !== (r < 0 || k < 0 ? -1 : r + k - base)) return undefined;
    }
  return {
    rows: Int32Array.from(rows, (place) => (place < 0 ? -1 : place - base + least)),
    columns: Int32Array.from(columns, (place) => (place < 0 ? -1 : place - least)),
  };
}

/** What the kernels read, made when it is packed: it is as long as the values are many. */
export function packPlaces({ attrs, from, part }: RearrangePacking): Int32Array {
  const places = placesOf(attrs, from);
  return part === 'each' ? places : (placesApart(places, denseLayout(attrs.shape)) as Apart)[part];
}
