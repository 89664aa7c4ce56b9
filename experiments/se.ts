import { ablation } from './ablation.js';

/** `npm run experiment:se`: whether SE blocks lower the error of a small network (Hu 2018, §6.1 and table 4 have them do so on CIFAR-10). */
await ablation('se', ['none', 16]);
