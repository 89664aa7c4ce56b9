import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The package's own version. */
export const version: string = require('senet/package.json').version;

/** A file that ships in the package's assets/: found by the package's name, so from the build and from the source alike. */
export const asset = (path: string): string => join(dirname(require.resolve('senet/package.json')), 'assets', path);
