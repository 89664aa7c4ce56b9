import type { Bounded } from '../../src/bound/bound.js';
import { UnsupportedError } from '../../src/errors.js';
import type { Tensor } from '../../src/tensor.js';
import { type Case, graphOf, numbersOf } from '../properties/case.js';
import type { Checked } from './checked.js';
import { type Filtering, judge, truthOf, type Verdict } from './judge.js';

/** What came of a case on an engine: a verdict, that it has no such op, or that it broke. */
export type Outcome = Verdict | { readonly kind: 'unsupported' | 'fails'; readonly message: string };

/** A case's graph, numbers and truths, each made once, since several engines are held to them. */
export interface Prepared {
  readonly drawn: Case;
  readonly graph: ReturnType<typeof graphOf>;
  readonly numbers: ReturnType<typeof numbersOf>;
  truth(filtering: Filtering): Bounded;
}

export function prepare(drawn: Case): Prepared {
  const numbers = numbersOf(drawn);
  const truths = new Map<Filtering, Bounded>();
  const truth = (filtering: Filtering): Bounded => {
    const found = truths.get(filtering) ?? truthOf(drawn, filtering, numbers);
    truths.set(filtering, found);
    return found;
  };
  return { drawn, graph: graphOf(drawn), numbers, truth };
}

/** Runs a case on an engine and holds the result to the truth. Whatever an engine throws is its outcome. */
export async function examine({ drawn, graph, numbers, truth }: Prepared, { engine, filtering }: Checked): Promise<Outcome> {
  let result: Tensor;
  try {
    result = (await engine.run(graph, numbers.weights, numbers.inputs)).get('logits') as Tensor;
  } catch (error) {
    const message = String(error instanceof Error ? error.message : error).split('\n', 1)[0] as string;
    return { kind: error instanceof UnsupportedError ? 'unsupported' : 'fails', message };
  }
  return judge(drawn, result, truth(filtering), filtering);
}
