import { mkdirSync, mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { getHeapStatistics } from 'node:v8';
import { SenetError } from '../src/errors.js';
import { allowanceOf } from './budget.js';
import { Draw } from './draw.js';
import { liveBytes, measured, type Taken, watchAllocations } from './measure.js';
import type { FaultKind, Job, Message } from './protocol.js';
import type { Files, Place, Reader, ReaderTable } from './reader.js';

/**
 * The process that reads the cases: `node child.js READERS.js FOLDER`, jobs on stdin, messages on descriptor 3. It says which case it begins
 * before it begins it, so that whoever watches knows which one it dies of.
 */

const channel = 3;
const say = (message: Message): void => void writeSync(channel, `${JSON.stringify(message)}\n`);

const [modulePath = '', scratch = ''] = process.argv.slice(2);
const { readers } = (await import(modulePath)) as { readonly readers: ReaderTable };
const folder = mkdtempSync(join(scratch, 'child-'));
process.env.TMPDIR = folder; // for all that readers write
const parent = process.ppid;
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
  // a parent that was killed leaves its folder to its last child
  if (process.ppid !== parent && basename(scratch).startsWith('senet-fuzz-')) rmSync(scratch, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {}); // sent to all of a group, they are the parent's to answer

const place: Place = {
  write(files) {
    const path = join(folder, 'case');
    rmSync(path, { recursive: true, force: true });
    for (const [name, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), bytes);
    }
    return path;
  },
};

let current = { reader: '', index: 0 };
const fault = (kind: FaultKind, what: string): void => say({ fault: { ...current, kind, what: what.slice(0, 1000) } });
const described = (thrown: unknown): string => (thrown instanceof Error ? (thrown.stack ?? String(thrown)) : String(thrown));
process.on('unhandledRejection', (reason) => fault('crash', `a rejection that nobody handles: ${described(reason)}`));

const opened = new Map<string, Promise<Reader>>();
function readerOf(name: string): Promise<Reader> {
  const entry = readers[name];
  if (entry === undefined) throw new Error(`no reader ${name}`);
  const reader = opened.get(name) ?? entry.open();
  opened.set(name, reader);
  return reader;
}

/** Other work of the process counts as the case's, so what was too slow must be so three times. */
const attempts = 3;

async function runCase(reader: Reader, files: Files): Promise<'read' | 'refused' | 'fault'> {
  const { taken, thrown } = await measured(() => reader.read(files, place));
  const allowed = allowanceOf(reader, files, thrown === undefined);
  const ours = thrown === undefined || thrown instanceof SenetError;
  if (!ours) fault('crash', described(thrown));
  if (taken.array > allowed.array) fault('overAllocation', `an array of ${taken.array} bytes, where ${allowed.array} are allowed`);
  else if (taken.memory > allowed.memory) say({ heavy: current.index, allowed: allowed.memory });
  let { cpuMs }: Pick<Taken, 'cpuMs'> = taken;
  for (let i = 1; i < attempts && cpuMs > allowed.cpuMs; i++)
    cpuMs = Math.min(cpuMs, (await measured(() => reader.read(files, place))).taken.cpuMs);
  if (cpuMs > allowed.cpuMs) fault('hang', `${Math.round(cpuMs)} ms of CPU, where ${Math.round(allowed.cpuMs)} are allowed`);
  return ours ? (thrown === undefined ? 'read' : 'refused') : 'fault';
}

/** Alone in its process, which has --expose-gc and a heap limited to what is allowed. */
async function weigh(reader: Reader, files: Files, allowed: number): Promise<void> {
  const live = await liveBytes(() => reader.read(files, place), allowed);
  if (live > allowed) fault('overAllocation', `${live} bytes at once, where ${allowed} are allowed`);
}

async function runJob({ reader: name, seed, from, to, allowed }: Job): Promise<void> {
  const reader = await readerOf(name);
  const outcomes = { read: 0, refused: 0, fault: 0 };
  for (let index = from; index < to; index++) {
    current = { reader: name, index };
    writeSync(channel, `[${index},${outcomes.read},${outcomes.refused}]\n`);
    const files = reader.make(new Draw(name, seed, index));
    if (allowed !== undefined) await weigh(reader, files, allowed);
    else outcomes[await runCase(reader, files)]++;
    await new Promise(setImmediate); // rejections that nobody handles are told of here
  }
  globalThis.gc?.();
  say({ read: outcomes.read, refused: outcomes.refused, heap: getHeapStatistics().used_heap_size });
}

watchAllocations();
try {
  for await (const line of createInterface({ input: process.stdin })) await runJob(JSON.parse(line) as Job);
} catch (error) {
  say({ broken: described(error) });
}
