import { build } from '../graph/build.js';
import { count } from '../graph/count.js';
import { evaluate, reference } from '../graph/evaluate.js';
import { sizeOf, type Tensor, widen } from '../tensor.js';
import { NodeCall } from './arguments.js';
import { Maker } from './maker.js';
import { asFloats } from './rules/elementwise.js';
import type { Rule } from './rules/rule.js';
import type { Constant } from './tensor.js';
import { cannot, type Fixed, type Live, live, ourShape, settled } from './values.js';

/** Of the reference, multiply-adds and values for one node: tenths of a second. */
const most = { macs: 2 ** 24, values: 2 ** 22 } as const;

/**
 * What an operator that is known of values makes of constants: our ops in float64, the first operand their value. So whatever weights are made of in a file is
 * folded.
 */
export function evaluated(call: NodeCall, rule: Rule, first: Fixed): readonly Constant[] {
  const { shape, kind } = first.constant;
  let maker: Maker | undefined;
  let made: readonly Live[] = [];
  const graph = build([1, 1], (image) => {
    maker = new Maker(image);
    const x = live(maker.param(asFloats(first), ourShape(shape)), shape);
    const results = rule(new NodeCall(call.node, call.opset, [x, ...call.inputs.slice(1)]), maker);
    made = ('shape' in results ? [results] : results).map(settled);
    return Object.fromEntries(made.map(({ value }, i) => [`${i}`, value]));
  });
  const values = graph.nodes.reduce((sum, node) => sum + sizeOf(node.shape), 0);
  if (count(graph).macs > most.macs || values > most.values) cannot(`of constants it takes more than ${most.values} values`);
  const weights = new Map([...(maker as unknown as Maker).weights].map(([name, tensor]) => [name, widen(tensor)]));
  const found = evaluate(graph, reference(weights, { input: { shape: [1, 1], data: new Float64Array(1) } }));
  return made.map(({ shape: written }, i) => {
    const { data } = found.get(`${i}`) as Tensor;
    if (kind === 'int' && !data.every(Number.isSafeInteger)) cannot('of whole numbers it is not known');
    return { kind: kind === 'int' ? kind : 'float', shape: written, data };
  });
}
