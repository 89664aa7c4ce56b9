import type { Case } from '../properties/case.js';
import type { Engine } from './engine.js';
import type { Filtering } from './judge.js';

/** An engine, and what it is held to. */
export interface Checked {
  readonly engine: Engine;
  /** Whether it is ours: then it may have no finding. */
  readonly ours: boolean;
  /** Whose bound: the direct sum's, or that of Winograd's F(m×m, 3×3). */
  readonly filtering: Filtering;
  /** Whether the engine lacks what the case asks for, so that it was composed of several of its calls. */
  composes(drawn: Case): boolean;
}
