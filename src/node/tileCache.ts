import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { flag, listOf, objectWith, oneOf } from '../io/schema.js';
import type { KernelsBuild } from '../wasm/features.js';
import { type TileName, tileNames } from '../wasm/options.js';
import { measureTiles, setTuning, type Tuning, tuning, tuningOf } from '../wasm/tune.js';
import { cacheFolder } from './download/cache.js';
import { engineKey } from './engine.js';
import { readJsonAs } from './json.js';
import { version } from './package.js';
import { writeWhole } from './writeWhole.js';

/**
 * Which tile is the fastest, remembered for each version, JavaScript engine and processor: a measurement of some milliseconds may be fooled by what else the machine does, two that
 * agree hardly.
 */

/** After so many measurements that do not agree the most frequent answer is good enough. */
const mostAnswers = 5;

const answers = listOf(objectWith({ tile: oneOf(...tileNames), pairedVectors: flag }));

function placeOf(kernels: KernelsBuild): string {
  const what = JSON.stringify([version, engineKey(), kernels]);
  return join(cacheFolder(), 'tiles', `${createHash('sha256').update(what).digest('hex')}.json`);
}

async function remembered(kernels: KernelsBuild): Promise<readonly Tuning[]> {
  try {
    return await readJsonAs(placeOf(kernels), answers);
  } catch {
    return []; // none, or not ours
  }
}

/** The answer that was given twice, or most often of many; undefined if more should be measured. */
export function settled(all: readonly Tuning[]): Tuning | undefined {
  const times = (one: Tuning): number => all.filter(({ tile }) => tile === one.tile).length;
  const most = all.reduce<Tuning | undefined>((a, b) => (a && times(a) >= times(b) ? a : b), undefined);
  return most && (times(most) >= 2 || all.length >= mostAnswers) ? most : undefined;
}

/** Before anything is compiled: takes what is known, so that nothing is measured. @returns undefined where nothing is */
export async function recallTile(kernels: KernelsBuild): Promise<TileName | undefined> {
  const known = settled(await remembered(kernels));
  if (known !== undefined) setTuning(kernels, known);
  return known?.tile;
}

/** When there is nothing more urgent: adds what this process measured, and measures until it is settled. @returns the tile that the next start takes */
export async function rememberTile(kernels: KernelsBuild): Promise<TileName> {
  const before = await remembered(kernels);
  const known = settled(before);
  if (known !== undefined) return known.tile;
  const all = [...before, await tuning(kernels)];
  let best = settled(all);
  for (; best === undefined; best = settled(all)) all.push(tuningOf(await measureTiles(kernels)));
  const place = placeOf(kernels);
  try {
    await mkdir(join(place, '..'), { recursive: true });
    await writeWhole(place, JSON.stringify(all));
  } catch {
    // a read-only cache: the next start measures again
  }
  return best.tile;
}
