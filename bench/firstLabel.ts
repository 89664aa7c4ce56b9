import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { openChromium } from '../reference/chromium.js';
import { createModel } from '../src/models/index.js';
import { machineFacts } from '../src/node/machine.js';
import { note, print } from '../src/node/output.js';
import { writeWhole } from '../src/node/writeWhole.js';
import { usualPretrained } from '../src/pretrained/index.js';
import { labelsOf } from '../src/pretrained/labels.js';
import { machineLine } from '../src/report/machine.js';
import { table } from '../src/report/table.js';
import { paired } from '../src/stats/paired.js';
import { quantile, sorted } from '../src/stats/timing.js';
import { type FirstLabelResult, firstLabelTable, firstLabelText } from './firstLabelTable.js';
import { resultName } from './result.js';
import { root } from './runtimes.js';

/**
 * `npm run bench:first-label`: milliseconds from a page's navigation to the first label of the network that ships, ours and TensorFlow.js, and to the end of a page without
 * an engine, in turns, each time in a browser context of its own, so that nothing is cached; from loopback, without threads. Vite builds the pages, which preload what they
 * fetch.
 */

const rounds = 21;
const engines = ['senet', 'tfjs', 'floor'] as const;
type Engine = (typeof engines)[number];

const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

const folder = await mkdtemp(join(root, 'dist/first-label-'));
try {
  for (const engine of engines) await bundle(engine);
  const origin = await serve();
  const { page, version, close } = await openChromium();
  const browser = page.context().browser();
  if (!browser) throw new Error('the browser opens no contexts');
  const times: Record<Engine, number[]> = { senet: [], tfjs: [], floor: [] };
  for (let round = -2; round < rounds; round++) {
    for (const engine of engines) {
      const context = await browser.newContext();
      const visit = await context.newPage();
      visit.on('pageerror', (error) => note(error.message));
      visit.on('console', (message) => void (message.type() === 'error' && note(message.text())));
      await visit.goto(`${origin.url}/${engine}/`);
      const answer = (await (await visit.waitForFunction('globalThis.answer')).jsonValue()) as {
        readonly label?: string;
        readonly ms: number;
      };
      if (engine !== 'floor' && answer.label !== 'cat') throw new Error(`${engine} says ${answer.label}, which is none`);
      if (round >= 0) times[engine].push(answer.ms);
      await context.close();
    }
    note(`round ${round + 1} of ${rounds}`);
  }
  await close();
  origin.close();
  const host = machineFacts();
  const ratio = paired(times.senet, times.tfjs, (ours, theirs) => ours / theirs);
  const beyond = (engine: Engine): readonly number[] => times[engine].map((ms, round) => ms - (times.floor[round] as number));
  const beyondFloor = paired(beyond('senet'), beyond('tfjs'), (ours, theirs) => ours / theirs);
  const rows = engines.map((engine) => ({
    engine: engine === 'floor' ? 'no engine' : engine,
    medianMs: quantile(sorted(times[engine]), 0.5),
    minMs: Math.min(...times[engine]),
    bytes: origin.bytes(engine),
  }));
  const date = new Date().toISOString().slice(0, 10);
  const result: FirstLabelResult = {
    date,
    command: 'npm run bench:first-label',
    network: usualPretrained.name,
    browser: version,
    host,
    rounds,
    ratio,
    beyondFloor,
    rows,
  };
  const results = join(root, 'bench/results/first-label');
  await mkdir(results, { recursive: true });
  await writeWhole(join(results, resultName(result)), `${JSON.stringify(result, undefined, 1)}\n`);
  print(`${machineLine(host)}; ${version}\n`);
  print(table(firstLabelTable(result)));
  print(`\n${firstLabelText(result)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function bundle(engine: Engine): Promise<void> {
  await build({
    configFile: false,
    root: join(root, 'bench/firstLabel'),
    base: './',
    logLevel: 'error',
    worker: { format: 'es' },
    resolve: {
      alias: [
        { find: /^senet$/, replacement: join(root, 'dist/src/index.js') },
        { find: /^senet\/image$/, replacement: join(root, 'dist/src/io/image.js') },
        { find: /^senet\/engines$/, replacement: join(root, 'dist/reference/engines/index.js') },
      ],
    },
    build: {
      outDir: join(folder, engine),
      target: 'es2022',
      rolldownOptions: { input: join(root, 'bench/firstLabel', `${engine}.html`) },
    },
  });
}

/** A host for the pages and for what they fetch: the picture, and for TensorFlow.js the graph as data and the weights. What packs well is compressed. */
async function serve() {
  const { network, preset, labels } = usualPretrained;
  const { nodes, outputs, parameters } = createModel(network, { size: preset.size });
  const graph = { nodes, outputs: [...outputs], parameters };
  const names = (await labelsOf(labels))?.map(({ name }) => name);
  const made: Readonly<Record<string, () => Promise<Buffer> | Buffer>> = {
    picture: () => readFile(join(root, 'assets/images/chelsea.png')),
    weights: () => readFile(join(root, `assets/weights/${network.slice(network.indexOf('/') + 1)}.safetensors`)),
    graph: () => Buffer.from(JSON.stringify({ graph, labels: names, preset })),
  };
  const packed = new Map<string, Promise<Buffer>>();
  const bodyOf = async (engine: string, path: string): Promise<Buffer> =>
    gzipSync(await (made[path]?.() ?? readFile(join(folder, engine, path || `${engine}.html`))), { level: 9 });

  const sent = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const [, engine = '', path = ''] = /^\/(senet|tfjs|floor)\/([\w./-]*)$/.exec(request.url ?? '') ?? [];
    const key = `${engine}/${path}`;
    const body = packed.get(key) ?? bodyOf(engine, path);
    packed.set(key, body);
    try {
      response.setHeader('Content-Type', types[extname(path)] ?? (path === '' ? 'text/html' : 'application/octet-stream'));
      response.setHeader('Content-Encoding', 'gzip').end(await body);
      sent.set(key, (await body).length);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What a visit fetched. */
    bytes: (engine: Engine) => [...sent].reduce((sum, [key, bytes]) => sum + (key.startsWith(`${engine}/`) ? bytes : 0), 0),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
