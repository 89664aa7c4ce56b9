import { installArm } from './arm.js';

/** `npm run runtimes:arm`: Node for Arm64, 60 MB to download. */
installArm();
