import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** The repository, from where this is compiled to. */
export const root = new URL('../../', import.meta.url);

/** Where files are written that nobody keeps: in memory where the system has such a folder, since who writes safely waits for a disk. */
export const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
