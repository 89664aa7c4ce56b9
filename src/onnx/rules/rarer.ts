import { norms } from './norms.js';
import { quantisedRules } from './quantised.js';
import { resizes } from './resize.js';
import type { RarerRules } from './rule.js';
import { truths } from './truths.js';

/** The rules of operators that most classifiers do without. `readOnnx` loads them for files that have some. */
export const rarerRules: RarerRules = { ...norms, ...truths, ...resizes, ...quantisedRules };
