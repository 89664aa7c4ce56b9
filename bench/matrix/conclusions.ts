import type { Answer } from './answer.js';
import { onTwoAndOne, whyOneThread, worstOf } from './cells.js';
import { bitsOf, type Group, isIn } from './groups.js';
import type { Measured } from './measure.js';

/** What a place that is served with the headers ends in. */
const isolated = ', isolated';

/** A row that answered. */
export interface Heard extends Measured {
  readonly answer: Answer;
}

export const isHeard = (row: Measured): row is Heard => typeof row.answer !== 'string';

/** What docs/runtimes.md says first: each follows from the rows. */
export function conclusions(first: Heard, heard: readonly Heard[], groups: readonly Group[]): readonly string[] {
  const differing = heard.filter(({ answer }) => {
    const expected = bitsOf(first.answer, 'strict');
    return Object.keys(answer.bits).some((id) => bitsOf(answer, 'strict')[id] !== expected[id]);
  });
  const worst = Math.max(
    ...heard.filter(({ answer }) => Object.keys(answer.vectors).length > 0).map(({ answer }) => worstOf(answer.vectors)),
  );
  const networks = Object.keys(first.answer.bits).length;
  const threaded = heard.filter(({ answer }) => whyOneThread(answer) === undefined);
  const unequal = threaded.filter(({ answer }) => onTwoAndOne(answer).some(([two, one]) => two !== one));
  const strictOnly = heard.filter(({ switched, answer }) => switched === '' && answer.relaxed === 'none');
  const unshared = heard.filter(({ switched, where, answer }) => switched === '' && where.endsWith(isolated) && !answer.sharedMemory);
  return [
    differing.length === 0
      ? `- **Strict kernels with direct algorithms give the same bits everywhere**: ${networks} networks in ${heard.length} places, on ${architectures(heard)}.`
      : `- **Strict kernels with direct algorithms do not give the same bits everywhere**: ${names(differing)} differ in some of ${networks} networks.`,
    Number.isFinite(worst)
      ? `- The networks of the conformance vectors err by ${worst.toExponential(1)} at most, wherever they ran.`
      : '- Some conformance vectors fail.',
    `- Relaxed SIMD has ${groups.length} ${groups.length === 1 ? 'set' : 'sets'} of bits. ${groups.map((group) => groupText(group, first.answer, heard)).join(' ')}`,
    `- As they come, these have no relaxed SIMD: ${names(strictOnly) || 'none'}.`,
    unequal.length === 0
      ? `- Two threads give the bits of one, in each of the ${threaded.length} places that have two.`
      : `- Two threads do not give the bits of one in ${names(unequal)}.`,
    `- As they come, these have no SharedArrayBuffer, isolated or not: ${unshared.map((row) => `${names([row])} (${row.where.slice(0, -isolated.length)})`).join(', ') || 'none'}.`,
  ];
}

/** `x64 and arm64, emulated by QEMU 7.2`: what stands behind the versions. */
const architectures = (heard: readonly Heard[]): string =>
  [...new Set(heard.map(({ version }) => /\b(x64|arm64)\b.*/.exec(version)?.[0] ?? 'another processor'))].join(' and ');

function groupText(group: Group, first: Answer, heard: readonly Heard[]): string {
  const strict = bitsOf(first, 'strict');
  const asStrict = Object.entries(group.bits).every(([id, bits]) => bits === strict[id]);
  const members = names(heard.filter(({ answer }) => isIn(answer, group)));
  return `${group.name}: products are ${group.fusion}${asStrict ? ', so that the bits are those of strict kernels' : ''} (${members}).`;
}

/** Each runtime once, without what follows its version. */
const names = (rows: readonly Measured[]): string =>
  [...new Set(rows.map(({ version }) => `${version.split(',', 1)[0]}${version.includes('arm64') ? ' on Arm64' : ''}`))].join(', ');
