import { PlanError } from '../errors.js';
import { noMacs, type OpDef } from './op.js';
import { allOf } from './quantised/quantisation.js';

/** `input` and `param`: nodes whose value comes from outside. An interpreter looks them up; there is nothing to compute. */
function leaf<K extends 'input' | 'param'>(op: K): OpDef<K> {
  return {
    infer: (_, attrs) => attrs.shape,
    integers: (_, attrs) => ('dtype' in attrs && attrs.dtype !== undefined ? allOf(attrs.dtype) : undefined),
    forward: (_, attrs) => {
      throw new PlanError(`${op} ${attrs.name} has no formula: an interpreter supplies its value`);
    },
    macs: noMacs,
  };
}

export const input = leaf('input');
export const param = leaf('param');
