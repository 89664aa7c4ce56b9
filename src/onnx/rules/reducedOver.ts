import { NodeCall } from '../arguments.js';
import type { Maker } from '../maker.js';
import type { Live } from '../values.js';
import type { Rule } from './rule.js';

/** The last operator set whose axes are an attribute. */
const axesAreAttribute = 12;

/** A reduction over the axes that are named, whatever the node itself says; they are gone from the shape. */
export function reducedOver(rule: Rule, { node }: NodeCall, make: Maker, x: Live, axes: readonly number[]): Live {
  const attributes = new Map<string, number | readonly number[]>();
  attributes.set('axes', axes).set('keepdims', 0);
  return rule(new NodeCall({ ...node, attributes }, axesAreAttribute, [x]), make) as Live;
}
