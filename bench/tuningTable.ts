import type { Machine } from '../src/report/machine.js';
import type { TileName } from '../src/wasm/options.js';

/** Milliseconds of a whole network. */
export type ByTile = Readonly<Record<TileName, number>>;

/** What one start chose. */
export interface TuningStart {
  readonly tile: TileName;
  readonly pairedVectors: boolean;
  /** How long it took to choose. */
  readonly ms: number;
}

/** What `npm run bench:tuning` leaves. */
export interface TuningResult {
  readonly date: string;
  readonly command: string;
  readonly host: Machine;
  readonly rows: readonly {
    readonly runtime: string;
    /** Processes that kept the machine busy meanwhile. */
    readonly load: number;
    readonly networks: Readonly<Record<string, ByTile>>;
    readonly starts: readonly TuningStart[];
  }[];
}

/** By how many per cent a network is slower by a tile than by its fastest. */
const loss = (times: ByTile, tile: TileName): number => 100 * (times[tile] / Math.min(...Object.values(times)) - 1);

/** One line per runtime and network: which tile is the fastest, which were chosen, and what that loses. */
export function tuningTable({ rows }: Pick<TuningResult, 'rows'>): readonly (readonly string[])[] {
  const body = rows.flatMap(({ runtime, networks, starts }) =>
    Object.entries(networks).map(([model, times]) => {
      const losses = starts.map(({ tile }) => loss(times, tile)).sort((a, b) => a - b);
      const within = losses.filter((one) => one <= 2).length;
      const tiles = [...new Set(starts.map(({ tile }) => tile))].map(
        (tile) => `${tile} ${starts.filter((one) => one.tile === tile).length}`,
      );
      const best = (Object.keys(times) as TileName[]).reduce((a, b) => (times[b] < times[a] ? b : a));
      const ms = starts.map((one) => one.ms).sort((a, b) => a - b)[starts.length >> 1] as number;
      const most = losses.at(-1) as number;
      return [runtime, model, best, tiles.join(', '), `${within} of ${starts.length}`, most.toFixed(1), ms.toFixed(0)];
    }),
  );
  return [['runtime', 'network', 'fastest', 'chosen', 'within 2 %', 'most lost, %', 'ms'], ...body];
}
