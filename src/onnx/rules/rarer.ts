import { type Unfolded, unfolded } from '../branches.js';
import { standardised } from '../contrib.js';
import { inlined, type OnnxFunction } from '../functions.js';
import type { OnnxReading } from '../reading.js';
import { blocks } from './blocks.js';
import { casts } from './casts.js';
import { ofChannelsLast } from './channelsLast.js';
import { choice } from './choices.js';
import { sums } from './einsum.js';
import { furtherFolds } from './furtherFolds.js';
import { norms } from './norms.js';
import { integerForms } from './qdq.js';
import { quantisedRules } from './quantised.js';
import { rarerPointwise } from './rarerPointwise.js';
import { rarerReductions } from './rarerReductions.js';
import { resizes } from './resize.js';
import type { Rarer, Rules } from './rule.js';
import { tiles } from './tile.js';
import { transposedLayers } from './transposed.js';
import { truths } from './truths.js';

/** What else few files have: sparse tensors, branches, functions of their own, operators of onnxruntime's. Loaded in the same piece. */
export { readBranch } from '../branches.js';
export { readFunction } from '../functions.js';
export { readSparse } from '../sparse.js';

const rules = {
  ...rarerPointwise,
  ...rarerReductions,
  ...norms,
  ...truths,
  ...resizes,
  ...blocks,
  ...transposedLayers,
  ...quantisedRules,
  ...casts,
  ...sums,
  ...tiles,
  If: choice,
} satisfies Rules;

/** Operators that most classifiers do without. `readOnnx` loads their rules for files that have some. */
export const rarer: Rarer = { rules: { ...rules, ...ofChannelsLast(rules) }, folds: furtherFolds, integerForms };

/** A file's nodes as ONNX's operators: branches come before what chooses, functions and operators of onnxruntime's own are replaced by what they do. @throws as `inlined` */
export function plainNodes(graph: Unfolded, functions: readonly OnnxFunction[], opset: number | undefined, from: OnnxReading): Unfolded {
  const { nodes, initializers } = unfolded(graph.nodes, from);
  return {
    nodes: standardised(inlined(nodes, functions, opset, from), opset, from),
    initializers: [...graph.initializers, ...initializers],
  };
}
