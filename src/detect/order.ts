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

/**
 * The best `most`, in no order: a heap of them with the worst on top, which a better candidate replaces. Of 200,000 anchors a thousand are taken, so few
 * ever enter it: a tenth of the time of sorting them all.
 */
function heapOfBest(scores: Floats, candidates: Int32Array, most: number): Int32Array {
  const heap = byScore(scores, candidates.subarray(0, most)).reverse(); // ascending, which is a heap
  if (most === 0) return heap;
  const worse = (a: number, b: number): boolean => {
    const difference = (scores[a] as number) - (scores[b] as number);
    return difference < 0 || (difference === 0 && a > b);
  };
  for (let next = most; next < candidates.length; next++) {
    const candidate = candidates[next] as number;
    if (worse(candidate, heap[0] as number)) continue;
    let hole = 0; // where the candidate goes: down, past what is worse
    for (;;) {
      let child = 2 * hole + 1;
      if (child + 1 < most && worse(heap[child + 1] as number, heap[child] as number)) child++;
      if (child >= most || worse(candidate, heap[child] as number)) break;
      heap[hole] = heap[child] as number;
      hole = child;
    }
    heap[hole] = candidate;
  }
  return heap;
}
