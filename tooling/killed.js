// What is killed by tooling/kills.js: four works of the built command, each with its input, its result, and what must hold at any moment.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { createModel, loadSafetensors, saveSafetensors, syntheticWeights } from '../dist/src/index.js';

/**
 * @typedef {object} Work
 * @property {(place: string) => { args: string[], env?: object, prepare?: () => void }} command what is run in a fresh folder, again and again
 * @property {(place: string) => boolean} begun whether it has left a first trace
 * @property {(place: string, stdout: string) => string} result of a run to its end: the same for every run, however often it was killed before
 * @property {(place: string, signal: string) => void} check throws for what no killed process may leave
 */

const images = 24;
const side = 32;

/** Pictures of noise, a folder a class. */
function writeImages(folder) {
  for (let i = 0; i < images; i++) {
    const place = join(folder, ['dark', 'bright'][i % 2]);
    mkdirSync(place, { recursive: true });
    const data = Uint8Array.from(
      { length: 3 * side * side },
      (_, j) => (i % 2) * 128 + ((Math.imul(i * 4093 + j, 2654435761) >>> 25) & 127),
    );
    writeFileSync(join(place, `${i}.png`), encode({ width: side, height: side, data, channels: 3, depth: 8 }));
  }
}

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
const weightsOf = (name, options) => saveSafetensors(syntheticWeights(createModel(name, options), { seed: 5 }));
const filesOf = (folder) => (existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []);

/** Whole lines must be JSON; the last may be half a line. */
const checkLines = (file) => void readFileSync(file, 'utf8').split('\n').slice(0, -1).map(JSON.parse);

function train(inputs) {
  writeFileSync(
    join(inputs, 'config.json'),
    JSON.stringify({
      model: 'se_resnet8_cifar10',
      data: { train: 'images', test: 'images' },
      augmentation: [{ name: 'padCrop', size: side, padding: 4 }, { name: 'flip' }],
      batch: 8,
      epochs: 2,
      lr: 0.02,
      average: 0.9,
      kernels: 'strict',
      logEvery: 2,
      checkpointEvery: 1,
    }),
  );
  const run = (place) => join(place, 'run');
  return {
    command: (place) => ({
      args: existsSync(join(run(place), 'config.json'))
        ? ['train', run(place)]
        : ['train', join(inputs, 'config.json'), '--out', run(place)],
    }),
    begun: (place) => existsSync(join(run(place), 'checkpoint.safetensors')),
    result: (place) =>
      hash(
        JSON.stringify([
          ...['best', 'last'].map((name) => hash(readFileSync(join(run(place), `${name}.safetensors`)))),
          ...readFileSync(join(run(place), 'metrics.jsonl'), 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => ({ ...JSON.parse(line), imagesPerSecond: 0, seconds: 0 })),
        ]),
      ),
    check(place) {
      for (const name of filesOf(run(place))) {
        const file = join(run(place), name);
        if (name.endsWith('.safetensors')) loadSafetensors(readFileSync(file));
        else if (name.endsWith('.jsonl')) checkLines(file);
        else if (['config.json', 'versions.json'].includes(name)) JSON.parse(readFileSync(file, 'utf8'));
      }
    },
  };
}

function evaluate(inputs) {
  const cache = (place) => join(place, 'cache');
  const journals = (place) => filesOf(join(cache(place), 'evaluations')).map((name) => join(cache(place), 'evaluations', name));
  return {
    command: (place) => ({
      args: [
        'evaluate',
        join(inputs, 'images'),
        '--weights',
        join(inputs, 'two.safetensors'),
        '--size',
        '64',
        '--kernels',
        'strict',
        '--json',
      ],
      env: { SENET_CACHE: cache(place) },
    }),
    begun: (place) => journals(place).some((file) => readFileSync(file, 'utf8').split('\n').length > 2),
    result: (_, stdout) => hash(stdout),
    check: (place) => journals(place).forEach(checkLines),
  };
}

function convert(inputs) {
  const output = (place) => join(place, 'out', 'half.safetensors');
  const source = join(inputs, 'large.safetensors');
  return {
    command: (place) => ({
      args: ['convert', source, '-o', output(place), '--dtype', 'f16'],
      prepare: () => {
        rmSync(output(place), { force: true });
        mkdirSync(join(place, 'out'), { recursive: true });
      },
    }),
    begun: (place) => filesOf(join(place, 'out')).length > 0,
    result: (place) => hash(readFileSync(output(place))),
    check(place, signal) {
      if (existsSync(output(place))) loadSafetensors(readFileSync(output(place)));
      const drafts = filesOf(join(place, 'out')).filter((name) => name.endsWith('.part'));
      if (signal !== 'SIGKILL' && drafts.length > 0) throw new Error(`${signal} leaves ${drafts.join(', ')}`);
      for (const name of drafts) rmSync(join(place, 'out', name)); // nobody else can after SIGKILL
    },
  };
}

const downloaded = 'timm/mobilenetv3_small_100.lamb_in1k';

/** Two processes at once, of one cache. */
function download(inputs, served) {
  const cache = (place) => join(place, 'cache');
  const kept = (place) => filesOf(cache(place)).filter((name) => name.endsWith('model.safetensors'));
  const check = (place) => {
    for (const name of kept(place))
      if (hash(readFileSync(join(cache(place), name))) !== served.sha256) throw new Error(`${name} is not what was sent`);
  };
  return {
    together: 2,
    command: (place) => ({
      args: ['classify', join(inputs, 'images', 'dark', '0.png'), '--model', downloaded, '--json'],
      env: { SENET_CACHE: cache(place), HF_ENDPOINT: served.origin, HF_TOKEN: '' },
    }),
    begun: (place) => filesOf(cache(place)).some((name) => name.endsWith('.part')),
    result(place, stdout) {
      check(place);
      if (kept(place).length !== 1) throw new Error(`the cache holds ${kept(place).length} files instead of one`);
      const left = filesOf(cache(place)).filter((name) => /\.part(\.json)?$/.test(name));
      return hash(JSON.stringify([stdout, left.length > 2 ? left : []]));
    },
    check,
  };
}

/** A hub on loopback, which sends a file slowly, from whichever byte on. */
async function serve(file) {
  const sha256 = hash(file);
  const counts = { requests: 0, resumed: 0 };
  const server = createServer(async (request, response) => {
    const [, from = 0] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const first = Number(from);
    counts.requests++;
    if (first > 0) counts.resumed++;
    const range = first > 0 && { 'content-range': `bytes ${first}-${file.length - 1}/${file.length}` };
    response.writeHead(first > 0 ? 206 : 200, { etag: `"${sha256}"`, 'content-length': file.length - first, ...range });
    for (let at = first; at < file.length && !response.destroyed; at += 2 ** 18) {
      response.write(file.subarray(at, at + 2 ** 18));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, sha256, counts, close };
}

/** @returns the works, what was asked of the hub, and what ends it */
export async function works(inputs) {
  writeImages(join(inputs, 'images'));
  writeFileSync(join(inputs, 'two.safetensors'), weightsOf('timm/resnet18', { classes: 2 }));
  writeFileSync(join(inputs, 'large.safetensors'), weightsOf('timm/resnet50', {}));
  const served = await serve(weightsOf('timm/mobilenetv3_small_100', {}));
  const all = { train: train(inputs), evaluate: evaluate(inputs), convert: convert(inputs), download: download(inputs, served) };
  return { all, counts: served.counts, close: served.close };
}
