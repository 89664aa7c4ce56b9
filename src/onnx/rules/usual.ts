import { arithmetic } from './arithmetic.js';
import { layers } from './layers.js';
import { pointwiseRules } from './pointwise.js';
import { pools } from './pools.js';
import type { Rules } from './rule.js';
import { views } from './views.js';

/** What most classifiers are made of. */
export const usualRules: Rules = { ...layers, ...pools, ...pointwiseRules, ...arithmetic, ...views };
