import { cannot, type Known } from '../values.js';
import { type Fold, fixedInput, type Rule } from './rule.js';

/** Of the outputs of both branches, which are inputs behind the condition, those of the one that it names. */
function chosen<T>(isThen: boolean, results: readonly (T | undefined)[], count: number): readonly T[] {
  if (results.length !== 2 * count) cannot('its branches are not known');
  const taken = isThen ? results.slice(0, count) : results.slice(count);
  return taken.map((each) => each ?? cannot('what it chooses is not known'));
}

export const choice: Rule = (call) => {
  const [condition] = fixedInput(call, 0, 'the condition').constant.data;
  return chosen<Known>(condition !== 0, call.inputs.slice(1), call.node.outputs.length);
};

export const choiceOfConstants: Fold = ({ node }, [condition, ...results]) =>
  chosen(condition?.data[0] !== 0, results, node.outputs.length);
