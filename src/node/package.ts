import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The package's own version. */
export const version: string = require('senet/package.json').version;

/** The package's folder: found by its name, so from the build and from the source alike. */
export const root = dirname(require.resolve('senet/package.json'));

/** A file that ships in the package's assets/. */
export const asset = (path: string): string => join(root, 'assets', path);
