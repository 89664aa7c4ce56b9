import { ablation } from './ablation.js';

/** `npm run experiment:reduction`: what the reduction does (Hu 2018, §6.1, table 10: little, from 2 to 16). Runs are shared with `experiment:se`. */
await ablation('reduction', ['none', 16, 4]);
