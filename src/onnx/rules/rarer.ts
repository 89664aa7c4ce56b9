import { blocks } from './blocks.js';
import { furtherFolds } from './furtherFolds.js';
import { norms } from './norms.js';
import { integerForms } from './qdq.js';
import { quantisedRules } from './quantised.js';
import { resizes } from './resize.js';
import type { Rarer } from './rule.js';
import { transposedLayers } from './transposed.js';
import { truths } from './truths.js';

/** Operators that most classifiers do without. `readOnnx` loads their rules for files that have some. */
export const rarer: Rarer = {
  rules: { ...norms, ...truths, ...resizes, ...blocks, ...transposedLayers, ...quantisedRules },
  folds: furtherFolds,
  integerForms,
};
