import { noMacs, type OpDef } from './op.js';
import { allOf } from './quantised/quantisation.js';

/** `input` and `param`: nodes whose value comes from outside. An interpreter looks them up; there is nothing to compute, and no formula. */
const leaf = <K extends 'input' | 'param'>(): OpDef<K> => ({
  infer: (_, attrs) => attrs.shape,
  integers: (_, attrs) => ('dtype' in attrs && attrs.dtype !== undefined ? allOf(attrs.dtype) : undefined),
  macs: noMacs,
});

export const input = leaf<'input'>();
export const param = leaf<'param'>();
