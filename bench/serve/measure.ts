import { readFile } from 'node:fs/promises';
import { note } from '../../src/node/output.js';
import { relativeError } from '../../src/stats/error.js';
import { conformanceLimits } from '../../src/verify/vector.js';
import { runScript } from '../process.js';
import type { Alone, AloneTask } from './alone.js';
import type { ClientTask, LoadReport } from './client.js';
import type { PacedReport, PacedTask } from './paced.js';
import { type RunningServer, startOrt, startSenet } from './server.js';
import type { FailedServeRow, ServeContestant, ServeRow } from './table.js';

/** A network that is served. */
export interface ServedNetwork {
  readonly name: string;
  /** A file of weights; undefined of the network that ships. */
  readonly weights: string | undefined;
  /** The same network in ONNX. */
  readonly onnx: string;
}

export interface MeasureOptions {
  readonly picture: string;
  readonly rounds: number;
  /** Of each measurement. */
  readonly seconds: number;
  readonly workers: number;
  /** `--batch-delay`, in milliseconds. */
  readonly cap: number;
}

const node = { command: [process.execPath], label: process.version } as const;

/** Every contestant with a network, in turns. The client shares the machine's cores with the servers. */
export async function measure(network: ServedNetwork, options: MeasureOptions): Promise<readonly (ServeRow | FailedServeRow)[]> {
  const rows = new Map<ServeContestant, Rounds>();
  const failed = new Map<ServeContestant, string>();
  let expected: readonly number[] = [];
  const contestants: Readonly<Record<ServeContestant, () => Promise<Round>>> = {
    library: async () => {
      const { perSecond, logits } = await alone(network, options);
      expected = logits;
      return { perSecond };
    },
    'senet-serve': () => ours(network, options, expected),
    ort: () => theirs('ort', network, options, expected),
    'ort-native': () => theirs('ort-native', network, options, expected),
  };
  for (let round = 1; round <= options.rounds; round++)
    for (const [contestant, run] of Object.entries(contestants) as [ServeContestant, () => Promise<Round>][]) {
      if (failed.has(contestant)) continue;
      note(`${network.name}, round ${round}: ${contestant}`);
      try {
        const found = await run();
        rows.set(contestant, [...(rows.get(contestant) ?? []), found]);
      } catch (error) {
        if (!contestant.startsWith('ort')) throw error;
        failed.set(contestant, (error as Error).message);
        note((error as Error).message);
      }
    }
  return (Object.keys(contestants) as ServeContestant[]).map((contestant) => {
    const error = failed.get(contestant);
    if (error !== undefined) return { network: network.name, contestant, error };
    return { network: network.name, contestant, ...joined(rows.get(contestant) as Rounds) };
  });
}

/** What one round says of a contestant. */
interface Round {
  readonly perSecond: number;
  readonly lone?: number;
  readonly evenP99?: number;
  readonly randomP99?: number;
  readonly batch?: number;
  readonly agreement?: number;
}
type Rounds = readonly Round[];

function joined(rounds: Rounds): Omit<ServeRow, 'network' | 'contestant'> {
  const [{ agreement, ...first }] = rounds as [Round];
  const lists = Object.fromEntries(Object.keys(first).map((name) => [name, rounds.map((round) => round[name as keyof Round])]));
  return { ...(lists as unknown as Pick<ServeRow, 'perSecond'>), ...(agreement !== undefined && { agreement }) };
}

/** As many processes as the server has workers, at the same time. */
async function alone(
  { weights }: ServedNetwork,
  { picture, seconds, workers }: MeasureOptions,
): Promise<{ readonly perSecond: number; readonly logits: readonly number[] }> {
  const task: AloneTask = { picture, weights, seconds };
  const children = await Promise.all(Array.from({ length: workers }, () => runScript(node, './serve/alone.js', task)));
  const results = children.map(({ text }) => JSON.parse(text) as Alone);
  return { perSecond: results.reduce((sum, { images, seconds }) => sum + images / seconds, 0), logits: (results[0] as Alone).logits };
}

async function ours({ weights }: ServedNetwork, options: MeasureOptions, expected: readonly number[]): Promise<Round> {
  const flags = ['--workers', String(options.workers), '--batch-delay', String(options.cap)];
  const server = await startSenet([...flags, ...(weights === undefined ? [] : ['--weights', weights])]);
  try {
    const agreement = agree(await senetLogits(server, options.picture), expected);
    const lone = (await saturate(server, options, 1)).latency.p50;
    const before = await runsOf(server);
    const perSecond = (await saturate(server, options, 4 * options.workers)).requests.average;
    const after = await runsOf(server);
    const half = { perSecond: perSecond / 2 };
    const evenP99 = await paced(server, options, { ...half, arrivals: 'even' });
    const randomP99 = await paced(server, options, { ...half, arrivals: 'random' });
    return { perSecond, lone, evenP99, randomP99, batch: (after.images - before.images) / (after.runs - before.runs), agreement };
  } finally {
    await server.stop();
  }
}

async function theirs(
  engine: 'ort' | 'ort-native',
  { weights, onnx: file }: ServedNetwork,
  options: MeasureOptions,
  expected: readonly number[],
): Promise<Round> {
  const server = await startOrt({ engine, file, weights, workers: options.workers });
  try {
    const { logits } = (await post(`${server.origin}/v1/classify?logits`, await readFile(options.picture))) as {
      readonly logits: readonly number[];
    };
    const agreement = agree(logits, expected);
    return { perSecond: (await saturate(server, options, 4 * options.workers)).requests.average, agreement };
  } finally {
    await server.stop();
  }
}

/** @throws Error unless the logits are the library's: contestants agree before they are timed */
function agree(logits: readonly number[], expected: readonly number[]): number {
  const error = relativeError(logits, expected);
  if (!(error <= 2 * conformanceLimits.fast)) throw new Error(`the logits differ from the library's by ${error} of the largest`);
  return error;
}

async function senetLogits({ origin }: RunningServer, picture: string): Promise<readonly number[]> {
  const bytes = await readFile(picture);
  const data = Buffer.concat([Buffer.from(Uint32Array.of(bytes.length).buffer), bytes]);
  const image = { name: 'image', datatype: 'BYTES', shape: [1], parameters: { binary_data_size: data.length } };
  const json = Buffer.from(JSON.stringify({ inputs: [image] }));
  const answer = await post(`${origin}/v2/models/${await modelOf(origin)}/infer`, Buffer.concat([json, data]), {
    'inference-header-content-length': String(json.length),
  });
  return (answer as { readonly outputs: readonly [{ readonly data: readonly number[] }] }).outputs[0].data;
}

/** The name of the one model that is served. */
async function modelOf(origin: string): Promise<string> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return /^senet_workers_ready\{model="([^"]+)"\}/m.exec(text)?.[1] ?? 'default';
}

async function post(url: string, body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', ...headers },
    body: new Uint8Array(body),
  });
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}

/** Runs, and images in them, since the server started. */
async function runsOf({ origin }: RunningServer): Promise<{ readonly runs: number; readonly images: number }> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const of = (name: string): number => Number(new RegExp(`^senet_batch_size_${name}\\{.*\\} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  return { runs: of('count'), images: of('sum') };
}

/** As many requests as are answered. @throws Error unless every answer is 200 */
async function saturate({ origin }: RunningServer, { picture, seconds }: MeasureOptions, connections: number): Promise<LoadReport> {
  const task: ClientTask = { url: `${origin}/v1/classify`, picture, seconds, connections };
  const report = JSON.parse((await runScript(node, './serve/client.js', task)).text) as LoadReport;
  if (report.non2xx > 0 || report.errors > 0)
    throw new Error(`${report.non2xx} answers were not 200, and ${report.errors} requests failed`);
  return report;
}

/** The 99th percentile in milliseconds. @throws Error unless every answer is 200 */
async function paced(
  { origin }: RunningServer,
  { picture, seconds }: MeasureOptions,
  rate: Pick<PacedTask, 'perSecond' | 'arrivals'>,
): Promise<number> {
  const task: PacedTask = { url: `${origin}/v1/classify`, picture, seconds, ...rate };
  const report = JSON.parse((await runScript(node, './serve/paced.js', task)).text) as PacedReport;
  if (report.failed > 0) throw new Error(`${report.failed} of ${report.requests} requests failed`);
  return report.p99;
}
