import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { scratch } from './place.js';
import type { Beginning, Fault, Job, Message } from './protocol.js';

/** What became of a job. */
export interface Done {
  readonly read: number;
  readonly refused: number;
  readonly faults: readonly Fault[];
}

/** Runs jobs, one after another. */
export interface Supervisor extends AsyncDisposable {
  run(job: Job): Promise<Done>;
}

export interface SupervisorOptions {
  /** The module that exports `readers`. */
  readonly readers: URL;
  /** How long a case may be silent: far longer than any may take, since other work may have the processor. */
  readonly patienceMs: number;
}

const mebibyte = 2 ** 20;
/** How long a child may take to load what it reads with. */
const startMs = 60_000;
/** A child starts anew after so many cases: what earlier cases took hides what later ones take. */
const casesOfAChild = 20_000;
/** MiB of heap for what is compiled and loaded as a case is read, and what any case of a child may take before it ends. */
const heapMiB = { own: 16, most: 256 };
const usual = `--max-old-space-size=${heapMiB.most}`;

/** A child that is watched. Whatever a case does to it, the next cases get another. */
export function supervise({ readers, patienceMs }: SupervisorOptions): Supervisor {
  const folder = mkdtempSync(join(scratch, 'senet-fuzz-'));
  const start = (...flags: readonly string[]): Child => startChild(readers, folder, patienceMs, flags);
  let child: Child | undefined;
  let cases = 0;
  const bases = new Map<string, number>();

  /** A job of one case, alone in a process of its own. */
  async function alone(job: Job, ...flags: readonly string[]): Promise<Fault | undefined> {
    const fresh = start(...flags);
    const { faults, ended } = await fresh.run(job);
    await fresh.end();
    return ended ?? faults[0];
  }

  /** Bytes of heap that a reader has before its first case. */
  async function baseOf(reader: string): Promise<number> {
    const fresh = start('--expose-gc');
    const { heap } = await fresh.run({ reader, seed: 0, from: 0, to: 0 });
    await fresh.end();
    return heap;
  }

  async function weighed({ reader, seed }: Job, { index, allowed }: Heavy): Promise<Fault | undefined> {
    const base = bases.get(reader) ?? (await baseOf(reader));
    bases.set(reader, base);
    const limit = heapMiB.own + Math.ceil((base + allowed) / mebibyte);
    const job = { reader, seed, from: index, to: index + 1, allowed };
    const fault = await alone(job, '--expose-gc', `--max-old-space-size=${limit}`, '--max-semi-space-size=1');
    return fault && { ...fault, kind: 'overAllocation' };
  }

  /** Runs a part of the job: all of it, or up to the case that the child dies of. */
  async function runPart(job: Job): Promise<Done & { readonly next: number }> {
    if (cases > casesOfAChild) {
      await child?.end();
      child = undefined;
    }
    if (child === undefined) cases = 0;
    child ??= start(usual);
    const { read, refused, faults, heavy, ended } = await child.run(job);
    const next = ended === undefined ? job.to : ended.index + 1;
    cases += next - job.from;
    const found: (Fault | undefined)[] = [...faults];
    for (const one of heavy) found.push(await weighed(job, one));
    if (ended !== undefined) {
      child = undefined;
      // what was due to other work does not show twice
      found.push(ended.kind === 'hang' ? await alone({ ...job, from: ended.index, to: next }, usual) : ended);
    }
    return { read, refused, faults: found.filter((fault) => fault !== undefined), next };
  }

  return {
    async run(job) {
      let [read, refused] = [0, 0];
      const faults: Fault[] = [];
      for (let from = job.from; from < job.to; ) {
        const part = await runPart({ ...job, from });
        read += part.read;
        refused += part.refused;
        faults.push(...part.faults);
        from = part.next;
      }
      return { read, refused, faults };
    },
    async [Symbol.asyncDispose]() {
      await child?.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A case whose memory is to be looked at more closely. */
interface Heavy {
  readonly index: number;
  readonly allowed: number;
}

interface Ran extends Done {
  /** Bytes in use at the end. */
  readonly heap: number;
  readonly heavy: readonly Heavy[];
  /** The fault that the process died of; absent if it did not. */
  readonly ended?: Fault;
}

interface Child {
  run(job: Job): Promise<Ran>;
  end(): Promise<void>;
}

function startChild(readers: URL, folder: string, patienceMs: number, flags: readonly string[]): Child {
  const program = fileURLToPath(new URL('child.js', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const child = spawn(process.execPath, [...flags, program, readers.href, folder], { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stdio[3] as Readable });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const input = child.stdin as Writable;
  input.on('error', () => {}); // the process is gone, which `exited` tells

  return {
    async run(job) {
      const faults: Fault[] = [];
      const heavy: Heavy[] = [];
      let begun: Beginning = [-1, 0, 0];
      let silent = false;
      const giveUp = (): void => {
        silent = true;
        child.kill('SIGKILL');
      };
      let patience = setTimeout(giveUp, Math.max(patienceMs, startMs));
      const counts = await new Promise<Pick<Ran, 'read' | 'refused' | 'heap'> | undefined>((resolve, reject) => {
        lines.removeAllListeners('line').on('line', (line) => {
          clearTimeout(patience);
          patience = setTimeout(giveUp, patienceMs);
          const message = JSON.parse(line) as Message | Beginning;
          if (Array.isArray(message)) begun = message as Beginning;
          else hear(message as Message);
        });
        const hear = (message: Message): void => {
          if ('fault' in message) faults.push(message.fault);
          else if ('broken' in message) reject(new Error(`the fuzzer itself: ${message.broken}`));
          else if ('heavy' in message) heavy.push({ index: message.heavy, allowed: message.allowed });
          else resolve(message);
        };
        void exited.then(() => resolve(undefined));
        input.write(`${JSON.stringify(job)}\n`);
      });
      clearTimeout(patience);
      if (counts) return { ...counts, faults, heavy };
      const [index, read, refused] = begun;
      if (index < 0) throw new Error(`the process that reads the cases did not begin: ${said}`);
      return { read, refused, heap: 0, faults, heavy, ended: { reader: job.reader, index, ...death(silent, child, said) } };
    },
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** What a process died of. */
function death(silent: boolean, { exitCode, signalCode }: ChildProcess, said: string): Pick<Fault, 'kind' | 'what'> {
  if (silent) return { kind: 'hang', what: 'no end' };
  if (said.includes('heap out of memory')) return { kind: 'overAllocation', what: 'more heap than it may have' };
  if (exitCode === endlessWait) return { kind: 'hang', what: 'waits for what never comes' };
  return { kind: 'crash', what: `the process ended with ${signalCode ?? exitCode}: ${said.slice(-1000)}` };
}

/** Node's exit code where nothing is left to do and a promise that is waited for is not settled. */
const endlessWait = 13;
