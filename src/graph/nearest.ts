import { distance } from 'fastest-levenshtein';

/** The end of an "unknown name" message: ` (did you mean a, b?)`, or nothing if no known name is near. */
export function nearest(name: string, known: readonly string[]): string {
  const near = known
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.ceil(candidate.length / 3))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3);
  return near.length > 0 ? ` (did you mean ${near.map(({ candidate }) => candidate).join(', ')}?)` : '';
}
