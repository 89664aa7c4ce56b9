// Does a process that is killed lose anything? Kills train, evaluate, convert and download at moments that are drawn, runs them again, and compares
// with what runs left that nobody killed. Arguments: --kills N, --seed N, --journal FILE (goes on where an earlier one stopped), --json.
// Exit code 1 if anything was lost, damaged or hung.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { works } from './killed.js';

const main = resolve(import.meta.dirname, '../dist/node/cli.js');
const note = (text) => process.stderr.write(`${text}\n`);
const { values: flags } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    journal: { type: 'string' },
    json: { type: 'boolean' },
  },
});
const [wanted, seed] = [Number(flags.kills), Number(flags.seed)];
if (!Number.isSafeInteger(wanted) || wanted < 1 || !Number.isSafeInteger(seed)) throw new Error('--kills and --seed are whole numbers');

const signals = ['SIGINT', 'SIGTERM', 'SIGKILL'];
const mostMs = 120_000; // a process that takes longer hangs

/** Whole numbers below `below`, a stream a key. */
function draws(...key) {
  let state = key.reduce((hash, part) => Math.imul(hash ^ part, 0x9e3779b1) + 0x7f4a7c15, seed);
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

/** Starts what a work is. */
function start(work, place) {
  const { args, env } = work.command(place);
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, SENET_TILE: '5x8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome = { child, ended: false, stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (outcome.stdout += text));
  child.stderr.on('data', (text) => (outcome.stderr += text));
  outcome.end = new Promise((done) => child.on('close', (code, signal) => done({ code, signal }))).finally(() => (outcome.ended = true));
  return outcome;
}

/** How a process ended. @throws if it does not */
async function endOf(process) {
  const end = await Promise.race([process.end, wait(mostMs, undefined, { ref: false })]);
  if (end !== undefined) return end;
  process.child.kill('SIGKILL');
  throw new Error(`hangs: ${process.stderr.slice(-200)}`);
}

/** Runs a work to its end, in as many processes at once as it says. @returns its result */
async function finish(work, place) {
  work.command(place).prepare?.();
  const processes = Array.from({ length: work.together ?? 1 }, () => start(work, place));
  const ends = await Promise.all(processes.map(endOf));
  const failed = processes.find((_, i) => ends[i].code !== 0);
  if (failed) throw new Error(`does not go on: ${failed.stderr.slice(-300)}`);
  return processes.map(({ stdout }) => work.result(place, stdout)).join();
}

/** Starts a work and kills it: some milliseconds after its start, or after its first trace. @returns how many processes it killed */
async function kill(work, place, draw, usualMs) {
  work.command(place).prepare?.();
  const processes = Array.from({ length: work.together ?? 1 }, () => start(work, place));
  const traced = draw(4) > 0;
  while (traced && !processes.every(({ ended }) => ended) && !work.begun(place)) await wait(2);
  let killed = 0;
  for (const one of processes) {
    await Promise.race([one.end, wait(draw(Math.ceil(usualMs / (traced ? 3 : 1))))]);
    if (one.ended) continue;
    const signal = signals[draw(signals.length)];
    one.child.kill(signal);
    const { code, signal: by } = await endOf(one);
    if (code !== 0 && code !== 130 && code !== 143 && by === null)
      throw new Error(`${signal}: ends with ${code}: ${one.stderr.slice(-300)}`);
    if (code !== 0) killed++;
    work.last = signal;
  }
  for (const one of processes) await endOf(one);
  work.check(place, processes.length > 1 ? 'SIGKILL' : work.last);
  return killed;
}

async function trial(number, work, expected) {
  const place = mkdtempSync(join(tmpdir(), 'senet-killed-'));
  const draw = draws(number);
  let kills = 0;
  try {
    for (let times = 1 + draw(4); times > 0; times--) kills += await kill(work, place, draw, expected.ms);
    const found = await finish(work, place);
    return { kills, ...(found !== expected.result && { fault: 'ends with another result' }) };
  } catch (error) {
    return { kills, fault: error.message };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const inputs = mkdtempSync(join(tmpdir(), 'senet-kills-'));
const { all, counts, close } = await works(inputs);
try {
  const names = Object.keys(all);
  const before =
    flags.journal && existsSync(flags.journal)
      ? readFileSync(flags.journal, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line))
      : [];
  const done = before.filter((entry) => entry.seed === seed);
  const expected = {};
  for (const name of names) {
    const place = join(inputs, `whole-${name}`);
    mkdirSync(place);
    const began = performance.now();
    const result = await finish(all[name], place);
    expected[name] = { result, ms: performance.now() - began };
  }
  const sum = () => done.reduce((total, { kills }) => total + kills, 0);
  for (let number = done.length; sum() < wanted || number < names.length; number++) {
    const name = names[number % names.length];
    const entry = { seed, number, name, ...(await trial(number, all[name], expected[name])) };
    done.push(entry);
    if (flags.journal) appendFileSync(flags.journal, `${JSON.stringify(entry)}\n`);
    note(`${sum()} of ${wanted} kills: ${name}, ${entry.fault ?? 'nothing lost'}`);
  }

  const rows = names.map((name) => {
    const of = done.filter((entry) => entry.name === name);
    const faults = of.flatMap(({ fault }) => (fault === undefined ? [] : [fault]));
    return { name, trials: of.length, kills: of.reduce((total, { kills }) => total + kills, 0), faults };
  });
  const lost = rows.reduce((total, { faults }) => total + faults.length, 0);
  if (flags.json) console.log(JSON.stringify({ seed, kills: sum(), lost, requests: counts, works: rows }, null, 2));
  else {
    console.log('| work | runs | kills | lost |\n| --- | ---: | ---: | ---: |');
    for (const { name, trials, kills, faults } of rows) console.log(`| ${name} | ${trials} | ${kills} | ${faults.length} |`);
    for (const { name, faults } of rows) for (const fault of faults) console.log(`${name}: ${fault}`);
  }
  process.exitCode = lost > 0 ? 1 : 0;
} finally {
  close();
  rmSync(inputs, { recursive: true, force: true });
}
