/**
 * What few sessions need: plans with ops of training, of detectors, of imported or of quantised networks, and packed weights. It is loaded for them, all of it at
 * once: bundlers cut what is always loaded into a file for each set of things loaded later that share it, and so many small files are larger than this one.
 */
export { furtherRulesOf } from '../plan/further.js';
export { packFurther } from '../plan/packFurther.js';
export { openPacked, packedPieces } from './packed.js';
export { productForm } from './quantised/form.js';
