import type { Answer } from './answer.js';

/** Rows whose relaxed logits have the same bits. */
export interface Group {
  /** A, B, and so on. */
  readonly name: string;
  readonly fusion: Answer['relaxed'];
  /** By network. */
  readonly bits: Readonly<Record<string, string>>;
}

/** The bits of a build, of the networks that gave some. */
export const bitsOf = ({ bits }: Answer, build: 'strict' | 'relaxed'): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(bits).flatMap(([id, told]) => {
      const found = typeof told === 'string' ? undefined : told[build];
      return found === undefined ? [] : [[id, found]];
    }),
  );

/** Whether an answer's relaxed bits are a group's, as far as it has some. */
export function isIn(answer: Answer, { fusion, bits }: Group): boolean {
  const own = Object.entries(bitsOf(answer, 'relaxed'));
  return own.length > 0 && answer.relaxed === fusion && own.every(([id, found]) => bits[id] === found);
}

/** In the order in which they are met; a row that has fewer networks than another comes behind it, or founds a group. */
export function groupsOf(answers: readonly Answer[]): readonly Group[] {
  const groups: Group[] = [];
  for (const answer of answers) {
    const bits = bitsOf(answer, 'relaxed');
    if (Object.keys(bits).length === 0 || groups.some((group) => isIn(answer, group))) continue;
    groups.push({ name: String.fromCharCode(65 + groups.length), fusion: answer.relaxed, bits });
  }
  return groups;
}
