// Before packing: a file whose source is gone must not ship.
import { rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
