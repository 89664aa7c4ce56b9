import { install, runtimePackages } from './runtimes.js';

/** `npm run bench:setup`: engines that only the bench wants, 700 MB of them. */
install(['onnxruntime-node@1', ...runtimePackages]);
