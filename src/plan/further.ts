import type { Graph } from '../graph/graph.js';
import { type FurtherRules, isTraining } from './lower.js';
import { trainingRules } from './training.js';

/** The rules that this graph needs beside those for inference. Who compiles loads them when there is need (src/wasm/planBy.ts). */
export const furtherRulesOf = (graph: Graph): FurtherRules => (isTraining(graph) ? trainingRules : {});
