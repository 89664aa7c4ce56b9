import { turn } from './turn.js';

/** A calculation in pieces of some milliseconds. Between two of them its caller may do something else. */
export type Pieces<T> = Generator<undefined, T, undefined>;

/** Additions of one weighted value for which a piece is made: some milliseconds' worth, on slow machines too. */
const pieceWork = 2 ** 20;

/** Splits `count` rows, each of which takes `work` additions, into pieces of a row at least. */
export function* rowsInPieces(count: number, work: number, run: (from: number, to: number) => void): Pieces<void> {
  const rows = Math.max(1, Math.floor(pieceWork / work));
  for (let from = 0; from < count; from += rows) {
    run(from, Math.min(count, from + rows));
    yield;
  }
}

/** Does all of it at once. */
export function atOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
  }
}

/** A turn is given after so many milliseconds, and so before 50 have passed whatever the last piece took. */
const stint = 10;

/** Gives the event loop a turn between pieces, so that what else waits there, timers and input, need not wait for the end. */
export async function inTurns<T>(pieces: Pieces<T>): Promise<T> {
  for (let since = performance.now(); ; ) {
    const { done, value } = pieces.next();
    if (done) return value;
    if (performance.now() - since < stint) continue;
    await turn();
    since = performance.now();
  }
}
