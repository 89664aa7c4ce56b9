import { WeightsError } from '../errors.js';
import { crc32 } from '../io/crc32.js';
import { safetensorsHeader } from '../io/safetensors.js';
import { headerLength, parseHeader } from '../io/safetensorsHeader.js';
import { readRange, type Source } from '../io/source.js';
import { turnEvery } from '../io/turn.js';
import { isFurther, pack, packingSize, parametersOf } from '../plan/pack.js';
import { packFurther } from '../plan/packFurther.js';
import type { Packing } from '../plan/packing.js';
import type { Plan } from '../plan/plan.js';
import { kernelsIds, packageVersion } from './binary/ids.js';
import type { KernelsBuild } from './features.js';
import { type TileName, tileNames, tileOf } from './options.js';
import { type PackingPlace, packingStintMs } from './packing.js';

/**
 * A plan's packed weights as a file: a safetensors file of one float32 vector for each constant that is made from parameters. Its metadata say what it was packed
 * for; it is of use to nothing else. What holds offsets into memory, as tables of taps do, is made from the plan each time: no byte of a file becomes an address.
 */

const kind = 'senet packed weights';

/** What packed weights are for, in the words of the errors. */
interface Key {
  readonly format: string;
  /** The package's version. */
  readonly senet: string;
  /** Build, and a digest of the compiled kernels, which know how panels are laid out. */
  readonly kernels: string;
  readonly tile: string;
  /** A digest of what each constant is made of, and how. */
  readonly graph: string;
}

const hex = (number: number): string => number.toString(16).padStart(8, '0');

/** The constants that are made from parameters. */
const madeOf = ({ weights }: Plan): ReadonlyMap<string, Packing> =>
  new Map([...weights].filter(([, packing]) => parametersOf(packing).length > 0));

const keyOf = (plan: Plan, kernels: KernelsBuild): Key => ({
  format: kind,
  senet: packageVersion,
  kernels: `${kernels} ${kernelsIds[kernels]}`,
  tile: tileOf(plan),
  graph: hex(crc32(new TextEncoder().encode(JSON.stringify([...madeOf(plan)])))),
});

/** The file in pieces, the constants' being views. @param block a constant's floats, by its name */
export function* packedPieces(
  plan: Plan,
  kernels: KernelsBuild,
  block: (name: string, size: number) => Float32Array,
): Generator<Uint8Array> {
  const blocks = [...madeOf(plan)].map(([name, packing]) => [name, block(name, packingSize(packing))] as const);
  const sums = blocks.map(([, floats]) => hex(crc32(bytesOf(floats)))).join(' ');
  const shapes = new Map(blocks.map(([name, { length }]) => [name, [length]]));
  yield safetensorsHeader(shapes, { metadata: { ...keyOf(plan, kernels), crc32: sums } });
  for (const [, floats] of blocks) yield bytesOf(floats);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

/** Packed weights, opened: their header is read and checked, their values are not. */
export interface PackedWeights {
  readonly tile: TileName;
  /** @throws WeightsError if they are of another version, build, tile or graph */
  check(plan: Plan, kernels: KernelsBuild): void;
  /** Fills a plan's constant memory. @throws WeightsError for values that are not those that were saved */
  fill(plan: Plan, place: PackingPlace): Promise<void>;
}

/** @returns undefined for what is no file of packed weights. @throws WeightsError for a damaged one */
export async function openPacked(source: Source): Promise<PackedWeights | undefined> {
  const start = await readRange(source, 0, Math.min(source.size, 8 + 4096));
  if (!new TextDecoder('latin1').decode(start.subarray(8)).includes(`"format":"${kind}"`)) return undefined;
  const begin = 8 + headerLength(start, source.size);
  const { metadata, entries } = parseHeader(await readRange(source, 8, begin - 8), source.size - begin);
  const key = metadata as Readonly<Record<string, string>> & Key;
  const tile = tileNames.find((name) => name === key.tile);
  if (tile === undefined) throw new WeightsError(`packed weights: expected a tile, ${tileNames.join(', ')}, found ${key.tile ?? 'none'}`);
  const sums = (key.crc32 ?? '').split(' ');
  return {
    tile,
    check(plan, build) {
      const expected = keyOf(plan, build);
      for (const [name, value] of Object.entries(expected))
        if (metadata[name] !== value)
          throw new WeightsError(`packed weights: expected ${name} ${value}, found ${metadata[name] ?? 'none'}`);
      const sizes = [...madeOf(plan)].map(([name, packing]) => `${name} ${packingSize(packing)}`);
      const found = entries.map(({ name, shape, dtype }) => `${name} ${dtype.name === 'F32' ? shape.join('x') : dtype.name}`);
      const at = sizes.findIndex((size, i) => size !== found[i]);
      if (at >= 0 || found.length !== sizes.length || sums.length !== sizes.length)
        throw new WeightsError(`packed weights: expected constant ${sizes[at] ?? 'none'}, found ${found[at] ?? 'none'}`);
    },
    async fill(plan, { memory, addresses }) {
      const stored = new Map(entries.map((entry, i) => [entry.name, { at: begin + entry.begin, sum: sums[i] as string }]));
      const blocks: { readonly name: string; readonly block: Uint8Array; readonly at: number; readonly sum: string }[] = [];
      for (const [name, packing] of plan.weights) {
        const place = [memory.buffer, addresses.get(name) as number, packingSize(packing)] as const;
        const found = stored.get(name);
        if (found) blocks.push({ name, block: new Uint8Array(place[0], place[1], place[2] * 4), ...found });
        else if (isFurther(packing)) packFurther(packing, new Map(), new DataView(place[0], place[1], place[2] * 4));
        else pack(packing, new Map(), { f32: new Float32Array(...place), i32: new Int32Array(...place) });
      }
      await readPieces(source, blocks);
      const breathe = turnEvery(packingStintMs);
      for (const { name, block, sum } of blocks) {
        const found = hex(crc32(block));
        if (found !== sum) throw new WeightsError(`packed weights: expected ${name} with CRC-32 ${sum}, found ${found}`, { tensor: name });
        await breathe();
      }
    },
  };
}

/** What is read at once, and how often: a copy out of the system's cache keeps a core busy. */
const pieceBytes = 2 ** 22;
const readers = 2;

/** Fills each block with the file's bytes from `at` on. */
async function readPieces(source: Source, blocks: readonly { readonly block: Uint8Array; readonly at: number }[]): Promise<void> {
  function* pieces() {
    for (const { block, at } of blocks)
      for (let done = 0; done < block.length; done += pieceBytes) yield [at + done, block.subarray(done, done + pieceBytes)] as const;
  }
  const all = pieces();
  const reader = async (): Promise<void> => {
    for (const [at, piece] of all) {
      const read = await readRange(source, at, piece.length, piece);
      if (read.buffer !== piece.buffer) piece.set(read);
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
}
