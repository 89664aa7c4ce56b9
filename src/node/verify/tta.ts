import type { Check } from '../../verify/check.js';
import { verifyTta } from '../../verify/views/tta.js';
import { parseTta } from '../../verify/views/ttaFile.js';
import { imageAbove } from './images.js';
import type { VerifyOptions } from './options.js';

/** Views of photographs, and what networks on generated weights say of them on average. */
export const verifyViews = (file: string, json: unknown, options: VerifyOptions): Promise<readonly Check[]> =>
  verifyTta(parseTta(json), { ...options, pixels: (path) => imageAbove(file, path) });
