import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { publishedDetectors } from '../../pretrained/detectors.js';
import { listPretrained } from '../../pretrained/index.js';
import { fullName } from '../../pretrained/names.js';
import { cacheFolder, fileNameOf } from './cache.js';
import { isAlive, isFree, isPart, recordOf } from './part.js';
import { readSidecar, sidecarOf } from './sidecar.js';

/**
 * What the cache has of one published file of weights. The cache's folder may be one that others use too: only names that this program gives, in
 * folders that it makes, are its own; links never are.
 */
export interface Holding {
  /** `timm/seresnet50.ra2_in1k`. */
  readonly name: string;
  /** The weights, if they are there, and whether their SHA-256 lies beside them: if not, somebody else may have put them there. */
  readonly file: Held | undefined;
  readonly noted: boolean;
  /** Weights that have come in part, and those that another process is downloading now. */
  readonly parts: readonly Held[];
  readonly busy: readonly Held[];
  /** What else this program wrote. */
  readonly notes: readonly string[];
}

export interface Held {
  readonly file: string;
  readonly bytes: number;
}

/** Weights in the cache, whole or in part. */
export interface Cached extends Held {
  readonly name: string;
  /** False while it is, or was, being downloaded. */
  readonly complete: boolean;
}

/** The file of each published name that is downloaded, by its folder in the cache. */
const published: ReadonlyMap<string, string> = new Map(
  [...listPretrained(), ...publishedDetectors].flatMap((entry) => {
    const file = fileNameOf(entry);
    return file === undefined ? [] : [[fullName(entry), file] as const];
  }),
);

export async function listHoldings(): Promise<readonly Holding[]> {
  const root = cacheFolder();
  const found: Holding[] = [];
  for (const source of new Set([...published.keys()].map(dirname)))
    for (const folder of await foldersIn(join(root, source))) {
      const name = `${source}/${folder}`;
      const file = published.get(name.replace(/@[^@]*$/, '')); // of a revision
      const holding = file && (await holdingOf(name, join(root, name, file)));
      if (holding) found.push(holding);
    }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const cachedIn = ({ name, file, parts, busy }: Holding): readonly Cached[] => [
  ...(file ? [{ name, ...file, complete: true }] : []),
  ...[...parts, ...busy].map((part) => ({ name, ...part, complete: false })),
];

/** @returns the folders in a folder; none where it is a link: what lies behind is not the cache's */
async function foldersIn(path: string): Promise<readonly string[]> {
  if (!(await lstat(path).catch(() => undefined))?.isDirectory()) return [];
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function holdingOf(name: string, path: string): Promise<Holding | undefined> {
  const folder = dirname(path);
  const names: readonly string[] = await readdir(folder).catch(() => []);
  const file = await heldAt(path);
  const noted = typeof (await readSidecar(path)) === 'string';
  const [parts, busy]: [Held[], Held[]] = [[], []];
  const notes = noted ? [sidecarOf(path)] : [];
  for (const entry of names) {
    const at = join(folder, entry);
    const of = basename(path);
    const part = entry.replace(/\.(json|sha256)$/, '');
    const [, writer] = /^\.sha256\.(\d+)\.part$/.exec(entry.slice(of.length)) ?? [];
    if (entry.startsWith(of) && writer !== undefined && !isAlive(Number(writer))) notes.push(at);
    // browsers call what they download FILE.part, too, but keep no record of it
    if (isPart(entry, of) && (entry !== `${of}.part` || names.includes(recordOf(entry)))) {
      const held = await heldAt(at);
      if (held) ((await isFree(at, path)) ? parts : busy).push(held);
    } else if (part !== entry && isPart(part, of) && !names.includes(part)) notes.push(at); // what lies beside parts, without one
  }
  return file || parts.length + busy.length + notes.length > 0 ? { name, file, noted, parts, busy, notes } : undefined;
}

/** A file itself: links are not this program's. */
async function heldAt(file: string): Promise<Held | undefined> {
  const present = await lstat(file).catch(() => undefined);
  return present?.isFile() ? { file, bytes: present.size } : undefined;
}

/** Removes files, and then their folders if nothing else is in them. */
export async function removeFiles(files: readonly string[]): Promise<void> {
  for (const file of files) await rm(file, { force: true });
  for (const folder of new Set(files.map((file) => dirname(file))))
    await rmdir(folder)
      .then(() => rmdir(dirname(folder)))
      .catch(() => undefined); // others' files are in it
}
