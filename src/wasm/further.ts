/**
 * What the plans of few graphs need: those with ops of training, of detectors, of imported or of quantised networks. It is loaded for them, all of it at once:
 * bundlers cut what is always loaded into a file for each set of things loaded later that share it, and so many small files are larger than this one.
 */
export { furtherRulesOf } from '../plan/further.js';
export { packFurther } from '../plan/packFurther.js';
export { productForm } from './quantised/form.js';
