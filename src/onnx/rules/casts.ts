import { cannot, isFixed } from '../values.js';
import { asFloats } from './elementwise.js';
import type { Rule, Rules } from './rule.js';

/** To the type of the second. Exporters write numbers so that stand beside values: they are floats there. */
const castLike: Rule = ({ inputs: [x, like] }) => {
  if (x === undefined || like === undefined) return cannot('it takes two operands');
  const isFloats = isFixed(like) ? like.constant.kind === 'float' : like.value.integers === undefined;
  return isFloats && (isFixed(x) || !x.value.integers) ? asFloats(x) : cannot('a cast to other than floats is not known');
};

export const casts = { CastLike: castLike } satisfies Rules;
