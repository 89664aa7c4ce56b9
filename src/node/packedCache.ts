import { createHash } from 'node:crypto';
import { lstat, mkdir, open, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Source } from '../io/source.js';
import type { Session } from '../wasm/session.js';
import { cacheFolder } from './download/cache.js';
import { version } from './package.js';
import { fileSource } from './weightsFile.js';
import { writeWhole } from './writeWhole.js';

/**
 * Packed weights that the command keeps beside its downloads: a network that was run before starts at the speed of a copy. A file is called by a digest of what it was made of and
 * for, so that another checkpoint, version or engine never meets it; `compile` checks all of it again.
 */

/** Smaller networks are packed as fast as they are read. */
const leastBytes = 2 ** 25;

/** The files that were not used for longest make room. */
const mostBytes = 2 ** 32;

const name = /^[0-9a-f]{64}\.packed$/;

export const packedFolder = (): string => join(cacheFolder(), 'packed');

/** @param what all that packed weights depend on: the checkpoint's identity, network, options, build, tile */
export function packedPlace(what: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify({ version, ...what });
  return join(packedFolder(), `${createHash('sha256').update(text).digest('hex')}.packed`);
}

/** Packed weights that are open. */
export interface KeptWeights {
  readonly file: string;
  readonly source: Source;
  close(): Promise<void>;
}

/** @returns undefined where none are kept, or none can be read: a cache is no reason to fail */
export async function openKept(file: string): Promise<KeptWeights | undefined> {
  try {
    const handle = await open(file);
    const now = new Date();
    await utimes(file, now, now).catch(() => undefined); // somebody else's cache may be read-only
    return { file, source: fileSource(handle, (await handle.stat()).size), close: () => handle.close() };
  } catch {
    return undefined;
  }
}

/** Keeps what a session packed, where that is worth it and the cache can be written to. */
export async function keepPacked(file: string, session: Session): Promise<void> {
  if (session.weightBytes < leastBytes) return;
  try {
    await mkdir(packedFolder(), { recursive: true });
    await makeRoom(session.weightBytes);
    await writeWhole(file, piecesOf(session));
  } catch {
    // a full disk or a read-only cache: the next start packs again
  }
}

async function* piecesOf(session: Session): AsyncGenerator<Uint8Array> {
  yield* await session.savedPieces();
}

/** A kept file. */
export interface Kept {
  readonly file: string;
  readonly bytes: number;
  /** When it was last used, in milliseconds since 1970. */
  readonly used: number;
}

/** The kept files, the last used first. */
export async function listKept(): Promise<readonly Kept[]> {
  const names = await readdir(packedFolder()).catch(() => []);
  const found = await Promise.all(
    names
      .filter((entry) => name.test(entry))
      .map(async (entry) => {
        const file = join(packedFolder(), entry);
        const stat = await lstat(file).catch(() => undefined);
        return stat?.isFile() ? [{ file, bytes: stat.size, used: stat.mtimeMs }] : [];
      }),
  );
  return found.flat().sort((a, b) => b.used - a.used);
}

export async function removeKept(files: readonly string[]): Promise<void> {
  for (const file of files) await rm(file, { force: true });
}

async function makeRoom(bytes: number): Promise<void> {
  let sum = bytes;
  for (const kept of await listKept()) {
    sum += kept.bytes;
    if (sum > mostBytes) await removeKept([kept.file]);
  }
}
