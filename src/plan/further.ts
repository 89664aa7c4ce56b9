import type { Graph } from '../graph/graph.js';
import { detectionRules } from './detection.js';
import { importedRules } from './imported.js';
import { type FurtherRules, isDetecting, isImported, isQuantised, isTraining } from './lower.js';
import { integerRules, quantisedRules } from './quantised/rules.js';
import { trainingRules } from './training.js';

/** The rules that this graph needs beside those for inference. Who compiles loads them when there is need (src/wasm/further.ts). */
export const furtherRulesOf = (graph: Graph): FurtherRules => ({
  ...(isTraining(graph) && trainingRules),
  ...(isImported(graph) && importedRules),
  ...((isDetecting(graph) || isImported(graph)) && detectionRules), // imported networks make rows for their layers too
  ...(isQuantised(graph) && { ...quantisedRules, ofIntegers: integerRules }),
});
