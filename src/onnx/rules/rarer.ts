import { standardised } from '../contrib.js';
import { inlined } from '../functions.js';
import { blocks } from './blocks.js';
import { casts } from './casts.js';
import { sums } from './einsum.js';
import { furtherFolds } from './furtherFolds.js';
import { norms } from './norms.js';
import { integerForms } from './qdq.js';
import { quantisedRules } from './quantised.js';
import { rarerPointwise } from './rarerPointwise.js';
import { rarerReductions } from './rarerReductions.js';
import { resizes } from './resize.js';
import type { Rarer } from './rule.js';
import { tiles } from './tile.js';
import { transposedLayers } from './transposed.js';
import { truths } from './truths.js';

/** What else few files have: sparse tensors, functions of their own, operators of onnxruntime's. Loaded in the same piece. */
export { readFunction } from '../functions.js';
export { readSparse } from '../sparse.js';

/** Operators that most classifiers do without. `readOnnx` loads their rules for files that have some. */
export const rarer: Rarer = {
  rules: {
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
  },
  folds: furtherFolds,
  integerForms,
};

/** A file's nodes as ONNX's operators: functions are replaced by what they do, and so are operators of onnxruntime's own. @throws as `inlined` */
export const plainNodes = (...[nodes, functions, opset, from]: Parameters<typeof inlined>): ReturnType<typeof inlined> =>
  standardised(inlined(nodes, functions, opset, from), opset, from);
