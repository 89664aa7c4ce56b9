import { openLitert } from '../../reference/engines/litert.js';
import { openOrtFile } from '../../reference/engines/ortFile.js';
import { SenetError } from '../../src/errors.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { relativeError } from '../../src/stats/error.js';
import { interleave, medianInterval, quantile, sorted } from '../../src/stats/timing.js';
import { type Tensor, widen } from '../../src/tensor.js';
import { conformanceLimits, synthetic } from '../../src/verify/vector.js';
import { compile } from '../../src/wasm/session.js';
import { timedFiles } from './networks.js';

/** One file in one runtime: by ours, onnxruntime-web and LiteRT.js, in turns, one thread each. */
export interface ImportedTask {
  readonly network: string;
  readonly rounds: number;
}

export interface ImportedRow {
  readonly network: string;
  readonly engine: string;
  readonly version?: string;
  /** Of the first output, against the reference in float64: max |a − b| / max |b|. */
  readonly error?: number;
  readonly medianMs?: number;
  readonly minMs?: number;
  /** Its time over ours, round by round: the median and its 95 % interval. */
  readonly timesOurs?: { readonly median: number; readonly low: number; readonly high: number };
  /** Why there are no times. */
  readonly refused?: string;
}

interface Contestant {
  readonly engine: string;
  readonly version?: string;
  run(): Promise<Tensor | undefined>;
}

const { network, rounds } = JSON.parse(process.argv[2] ?? '{}') as ImportedTask;
enableRelaxed(); // whether vectors are joined is the runtime's matter
const timed = timedFiles[network];
if (timed === undefined) throw new Error(`no file is called ${network}; there are ${Object.keys(timedFiles).join(', ')}`);
const file = await timed.file();
const { graph, weights, inputName, outputName } = graphOfOnnx(await readOnnx(file), { input: timed.input });
const image = syntheticTensor('input', timed.input, synthetic.seed);

const opened: readonly (readonly [engine: string, open: () => Promise<Omit<Contestant, 'engine'>>])[] = [
  ...(['fast', 'direct'] as const).map((algorithms): readonly [string, () => Promise<Omit<Contestant, 'engine'>>] => [
    `senet ${algorithms}`,
    async () => {
      const session = await compile(graph, weights, { algorithms });
      return { version: session.kernels, run: async () => session.run(image).get(outputName) };
    },
  ]),
  [
    'onnxruntime-web',
    async () => {
      const { version, run } = await openOrtFile(file);
      return { version, run: async () => (await run({ [inputName]: image })).get(outputName) };
    },
  ],
  [
    'LiteRT.js',
    async () => {
      const { version, run } = await openLitert(graph, weights);
      return { version, run: async () => (await run({ input: image })).get(outputName) };
    },
  ],
];

const wide = new Map([...weights].map(([name, tensor]) => [name, widen(tensor)]));
const truth = evaluate(graph, reference(wide, { input: widen(image) })).get(outputName) as Tensor;

const refused: ImportedRow[] = [];
const contestants: (Contestant & { readonly error: number })[] = [];
for (const [engine, open] of opened)
  try {
    const contestant = { engine, ...(await open()) };
    const error = relativeError((await contestant.run())?.data ?? [], truth.data);
    if (error <= conformanceLimits.fast) contestants.push({ ...contestant, error });
    else refused.push({ network, engine, error, refused: `its output is ${error.toExponential(1)} off float64` });
  } catch (error) {
    if (!(error instanceof SenetError)) throw error;
    refused.push({ network, engine, refused: error.message.split('\n', 1)[0] as string });
  }
const times = await interleave(
  contestants.map(({ run }) => run),
  { warmup: 3, rounds },
);
const own = times[contestants.findIndex(({ engine }) => engine === 'senet fast')] ?? [];
const rows = contestants.map(({ engine, version, error }, i): ImportedRow => {
  const ms = times[i] as readonly number[];
  const ascending = sorted(ms);
  return {
    ...{ network, engine, error, medianMs: quantile(ascending, 0.5), minMs: ascending[0] as number },
    ...(version !== undefined && { version }),
    ...(engine !== 'senet fast' && { timesOurs: medianInterval(ms.map((value, round) => value / (own[round] as number))) }),
  };
});
process.stdout.write(JSON.stringify([...rows, ...refused]));
process.exit(0); // engines have threads
