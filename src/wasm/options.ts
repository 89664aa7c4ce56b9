import { InputError } from '../errors.js';
import { checkKnown, type Keys } from '../graph/known.js';
import type { Plan, Target, Tile } from '../plan/plan.js';
import { shown } from '../tensor.js';
import { type KernelsBuild, pickBuild } from './features.js';

export interface CompileOptions {
  /** Which instructions: relaxed SIMD where the engine has it (`auto`), or one of the two by name. @defaultValue 'auto' */
  readonly kernels?: 'auto' | KernelsBuild;
  /**
   * `fast` uses Winograd's filtering where it is faster, under a wider error bound; `direct` never.
   * @defaultValue 'fast'; 'direct' for a graph of training
   */
  readonly algorithms?: 'direct' | 'fast';
  /** Threads that share each step, 1 to 32; 1 where there can be no more (see `Session.threadsNote`). @defaultValue 1 */
  readonly threads?: number;
  /**
   * Turn on what V8 has behind flags: relaxed SIMD (Node 20), and joining pairs of vectors (Node 22 and later; `Session.pairedVectors` tells
   * whether it works). It changes the whole process and stays, so only on request.
   * @defaultValue false
   */
  readonly engineFlags?: boolean;
  /** The register tile, rows by columns. @defaultValue the fastest on this engine; the environment's SENET_TILE names another */
  readonly tile?: TileName;
}

/** A register tile: rows by columns. */
export type TileName = '4x8' | '5x8' | '6x8' | '4x16' | '5x16' | '6x16';
export const tileNames: readonly TileName[] = ['4x8', '5x8', '6x8', '4x16', '5x16', '6x16'];

export const tiles: Readonly<Record<TileName, Tile>> = {
  '4x8': { rows: 4, columns: 8 },
  '5x8': { rows: 5, columns: 8 },
  '6x8': { rows: 6, columns: 8 },
  '4x16': { rows: 4, columns: 16 },
  '5x16': { rows: 5, columns: 16 },
  '6x16': { rows: 6, columns: 16 },
};

/** What a plan's tile is called. */
export const tileOf = ({ target: { tile } }: Plan): TileName =>
  tileNames.find((name) => tiles[name].rows === tile.rows && tiles[name].columns === tile.columns) as TileName;

/** Of a plan whose options name no tile: six rows need 15 of x86-64's 16 vector registers if products are fused; a separate product makes them spill. */
const unnamedTile: Readonly<Record<KernelsBuild, TileName>> = { strict: '4x8', relaxed: '6x8' };

/** More would wait for one another longer than they work: the steps of one image are cut into some hundred slices. */
const mostThreads = 32;

/** @throws InputError for options that are no object, or one that does not exist */
export function checkOptions(options: CompileOptions): void {
  checkKnown('compile', options, known);
  const { engineFlags = false } = options;
  if (typeof engineFlags !== 'boolean') throw new InputError(`engineFlags is true or false, not ${shown(engineFlags)}`);
}

const known: Keys<CompileOptions> = {
  kernels: true,
  algorithms: true,
  threads: true,
  engineFlags: true,
  tile: true,
};

/** What a plan is made for. @throws InputError for a tile or algorithms that do not exist, or a number of threads that is none. */
export function targetOf({
  kernels = 'auto',
  algorithms = 'fast',
  threads = 1,
  tile = unnamedTile[pickBuild(kernels)],
}: CompileOptions): Target {
  if (!tileNames.includes(tile)) throw new InputError(`tile is one of ${tileNames.join(', ')}, not ${shown(tile)}`);
  if (algorithms !== 'direct' && algorithms !== 'fast') throw new InputError(`algorithms is direct or fast, not ${shown(algorithms)}`);
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
    throw new InputError(`threads is a whole number from 1 to ${mostThreads}, not ${shown(threads)}`);
  return { tile: tiles[tile], threads, algorithms };
}
