import type { Floats } from './boxes.js';

/**
 * The best `most` of `candidates`, in order of score, the highest first; of equal scores the lower index comes first. torch's `topk` leaves ties to
 * chance.
 *
 * @param candidates indices into `scores`, ascending, of finite scores
 */
export function bestOf(scores: Floats, candidates: Int32Array, most: number): Int32Array {
  return byScore(scores, candidates.length > most ? heapOfBest(scores, candidates, most) : candidates);
}

/** `candidates` in order of score; of equal scores the lower index comes first. */
export const byScore = (scores: Floats, candidates: Int32Array): Int32Array =>
  candidates.slice().sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);

/** `candidates` one after another, in the order of `byScore`. The rest is never sorted if the caller stops early. */
export function* inTurn(scores: Floats, candidates: Int32Array): Generator<number, void> {
  const better: Before = (a, b) => worse(scores, b, a);
  const heap = candidates.slice();
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(heap, at, heap.length, better);
  for (let size = heap.length; size > 0; size--) {
    yield heap[0] as number;
    heap[0] = heap[size - 1] as number;
    sink(heap, 0, size - 1, better);
  }
}

/**
 * The best `most`, in no order: a heap of them with the worst on top, which a better candidate replaces. A thousand of 200,000 anchors are taken, so that few
 * ever enter it, where a sort would order them all.
 */
function heapOfBest(scores: Floats, candidates: Int32Array, most: number): Int32Array {
  const heap = byScore(scores, candidates.subarray(0, most)).reverse(); // ascending, which is a heap
  if (most === 0) return heap;
  const above: Before = (a, b) => worse(scores, a, b);
  for (let next = most; next < candidates.length; next++) {
    const candidate = candidates[next] as number;
    if (above(candidate, heap[0] as number)) continue;
    heap[0] = candidate;
    sink(heap, 0, most, above);
  }
  return heap;
}

/** Whether the first of two indices is nearer to the top of a heap. */
type Before = (a: number, b: number) => boolean;

function worse(scores: Floats, a: number, b: number): boolean {
  const difference = (scores[a] as number) - (scores[b] as number);
  return difference < 0 || (difference === 0 && a > b);
}

/** Moves what is at `hole` down, past what goes before it. */
function sink(heap: Int32Array, hole: number, size: number, before: Before): void {
  const moved = heap[hole] as number;
  for (;;) {
    let child = 2 * hole + 1;
    if (child + 1 < size && before(heap[child + 1] as number, heap[child] as number)) child++;
    if (child >= size || before(moved, heap[child] as number)) break;
    heap[hole] = heap[child] as number;
    hole = child;
  }
  if (size > 0) heap[hole] = moved;
}
