import type { Graph } from '../graph/graph.js';
import { type FurtherRules, isQuantised, isTraining } from './lower.js';
import { integerRules, quantisedRules } from './quantised/rules.js';
import { trainingRules } from './training.js';

/** The rules that this graph needs beside those for inference. Who compiles loads them when there is need (src/wasm/planBy.ts). */
export const furtherRulesOf = (graph: Graph): FurtherRules => ({
  ...(isTraining(graph) && trainingRules),
  ...(isQuantised(graph) && { ...quantisedRules, ofIntegers: integerRules }),
});
