import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { sidecarOf } from './sidecar.js';

/** After so long without a byte nobody is writing any more, whatever machine or process its name says. */
const abandonedMs = 600_000;

let claims = 0;

/** What is known of a part, beside it. */
export const recordOf = (part: string): string => `${part}.json`;

/**
 * Where this process collects what comes of `file`: a name of its own, `FILE.HOST.PID.N.part`, so that no two downloads write to one. What was
 * given up as `FILE.part`, or left by a process that is gone, is taken over: by renaming, which only one of several can. It is there from now on,
 * so that nobody removes the folder as an empty one.
 */
export async function claimPart(file: string): Promise<string> {
  const own = `${file}.${hostname()}.${process.pid}.${claims++}.part`;
  for (const left of await partsOf(file)) if ((await isFree(left, file)) && (await move(left, own))) return own;
  await (await open(own, 'a')).close();
  return own;
}

/** Leaves what has come, if anything has, for the next download of this file. */
export async function releasePart(part: string, file: string): Promise<void> {
  const { size } = await stat(part).catch(() => ({ size: 0 }));
  if (size === 0 || !(await move(part, freeName(file)))) await removePart(part);
}

/** A part and what may lie beside it: its record, and its SHA-256 on the way to its place. */
export const filesOf = (part: string): readonly string[] => [part, recordOf(part), sidecarOf(part)];

export async function removePart(part: string): Promise<void> {
  await Promise.all(filesOf(part).map((path) => rm(path, { force: true })));
}

/** Removes what processes that are gone left of a file that is now there. */
export async function removeLeft(file: string): Promise<void> {
  for (const left of await partsOf(file)) if (await isFree(left, file)) await removePart(left);
}

/** What has come of `file`, for any process. */
async function partsOf(file: string): Promise<readonly string[]> {
  const names = await readdir(dirname(file)).catch(() => []);
  return names.filter((name) => isPart(name, basename(file))).map((name) => join(dirname(file), name));
}

/** Whether a file's name is one that parts of `file` have. */
export const isPart = (name: string, file: string): boolean =>
  name.startsWith(`${file}.`) && /^(.+\.\d+\.\d+\.)?part$/.test(name.slice(file.length + 1));

const freeName = (file: string): string => `${file}.part`;

/** The record first: bytes without one are not taken for the beginning of anything. */
async function move(from: string, to: string): Promise<boolean> {
  try {
    await rename(recordOf(from), recordOf(to));
    await rename(from, to);
    return true;
  } catch {
    return false; // another process was faster, or there is nothing
  }
}

/** Whether no process writes to a part any more. */
export async function isFree(part: string, file: string): Promise<boolean> {
  if (part === freeName(file)) return true;
  const { mtimeMs } = await stat(part).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
  if (Date.now() - mtimeMs > abandonedMs) return true;
  const [host, pid] = part.slice(file.length + 1).split(/\.(?=\d+\.\d+\.part$)/) as [string, string];
  return host === hostname() && !isAlive(Number.parseInt(pid, 10));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
