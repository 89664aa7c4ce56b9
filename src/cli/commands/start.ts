import { basename } from 'node:path';
import { Command } from 'commander';
import { count } from '../../graph/count.js';
import { preprocess } from '../../io/preprocess.js';
import { syntheticWeights } from '../../io/synthetic.js';
import { createModel, findModel } from '../../models/index.js';
import { enablePairedVectors, kernelsText } from '../../node/engine.js';
import { readImage } from '../../node/images/image.js';
import { machineFacts } from '../../node/machine.js';
import { note, print, printJson } from '../../node/output.js';
import { asset } from '../../node/package.js';
import { progress } from '../../node/progress.js';
import { shippedVectors, verify } from '../../node/verify/file.js';
import { costText } from '../../report/bench.js';
import { giga, thousands } from '../../report/format.js';
import { machineLine } from '../../report/machine.js';
import { table } from '../../report/table.js';
import { type Verdict, verdictTable } from '../../report/verdict.js';
import { type SeCost, seCost } from '../../stats/paired.js';
import { interleave, quantile, sorted } from '../../stats/timing.js';
import type { Tensor } from '../../tensor.js';
import { synthetic } from '../../verify/vector.js';
import { pickBuild } from '../../wasm/features.js';
import type { CompileOptions } from '../../wasm/options.js';
import { compile } from '../../wasm/session.js';
import { kernelsOption, revectorizeOption, threadsOption } from '../options.js';
import type { RunFlags } from '../run.js';
import { classifyPhotographs, photographsText } from './photographs.js';

/** A network of the paper's comparison; its figures are those of Hu 2018, §4 and table 2 (docs/spec/paper.md §3): GFLOPs, and ms on the authors' CPU. */
interface Entry {
  readonly id: string;
  readonly name: string;
  readonly plain: string;
  readonly paper: { readonly gflops: readonly [number, number]; readonly ms?: readonly [number, number] };
}

const entries: readonly Entry[] = [
  { id: 'legacy_seresnet50', name: 'SE-ResNet-50', plain: 'ResNet-50', paper: { gflops: [3.87, 3.86], ms: [167, 164] } },
  { id: 'legacy_seresnext50_32x4d', name: 'SE-ResNeXt-50', plain: 'ResNeXt-50', paper: { gflops: [4.25, 4.24] } },
];

type Flags = Pick<RunFlags, 'kernels' | 'threads' | 'revectorize'> & { readonly json?: true };

interface Line {
  readonly network: string;
  readonly variant: string;
  readonly se: boolean;
  readonly params: number;
  readonly macs: number;
  readonly medianMs: number;
  readonly seCostPercent: SeCost | null;
  readonly paperGflops: number;
  readonly paperMs: number | null;
}

/** A comparison ends after so many pairs, or after so long: on slow cores its interval is of fewer, and wider. */
const limits = { warmup: 3, rounds: 51, budgetMs: 20_000 } as const;
const photograph = 'images/chelsea.png';

/** `senet start`: what `npm start` runs. The three vectors, the paper's comparison on a photograph, and photographs classified by the network that ships. */
export function startCommand(): Command {
  return new Command('start')
    .description(
      "verify the three shipped vectors, measure what SE costs on a photograph, beside the paper's figures, and classify photographs with the shipped network",
    )
    .addOption(kernelsOption())
    .addOption(threadsOption())
    .addOption(revectorizeOption())
    .option('--json', 'print host, verdicts and measurements as JSON')
    .action(async ({ json, ...flags }: Flags) => {
      if (flags.revectorize) enablePairedVectors();
      const { threads } = flags;
      const kernels = pickBuild(flags.kernels ?? 'auto');
      const running = { algorithms: 'fast', kernels, threads } as const;
      const host = machineFacts();
      if (!json) print(`${machineLine(host)}\n`);
      const verdicts: Verdict[] = [];
      for (const algorithms of ['direct', 'fast'] as const)
        for (const file of shippedVectors) {
          note(`verifying ${basename(file, '.json')}, ${algorithms} algorithms`);
          verdicts.push((await verify(file, { engine: 'wasm', algorithms, kernels, threads })).verdict);
        }
      if (!json) print(`Networks against PyTorch's float64 outputs, on generated weights:\n\n${verdictTable(verdicts)}\n`);

      const image = preprocess(await readImage(asset(photograph)), { resize: 256, filter: 'bilinear', crop: 224 });
      if (!json)
        print(
          `assets/${photograph}, shorter side to 256, centre 224x224; ${threads === 1 ? 'one thread' : `${threads} threads`}, ${kernelsText(kernels)} kernels, fast algorithms; medians of interleaved pairs, ${limits.rounds} or as many as ${limits.budgetMs / 1000} s allow:\n`,
        );
      const lines: Line[] = [];
      for (const entry of entries) lines.push(...(await measure(entry, image, running)));
      if (!json) print(`${measurementTable(lines)}\n\n${remarks}\n`);
      const photographs = await classifyPhotographs(running);
      if (json) printJson({ host, verdicts, measurements: lines, ...photographs });
      else print(photographsText(photographs));
      process.exitCode = verdicts.every(({ pass }) => pass) ? 0 : 1;
    });
}

async function measure({ id, name, plain, paper }: Entry, image: Tensor, running: CompileOptions): Promise<readonly Line[]> {
  note(`timing ${name} and ${plain}`);
  const graphs = [createModel(id), createModel(id, { se: false })];
  const sessions = await Promise.all(graphs.map((graph) => compile(graph, syntheticWeights(graph, synthetic), running)));
  const shown = progress();
  const times = await interleave(
    sessions.map((session) => () => session.run(image)),
    { ...limits, progress: (round) => shown.show(`${name} and ${plain}: ${Math.max(0, round)} of ${limits.rounds} pairs`) },
  );
  shown.clear();
  for (const session of sessions) session.dispose();
  const [gated, bare] = times as [number[], number[]];
  return graphs.map((graph, i) => ({
    network: [name, plain][i] as string,
    variant: findModel(id).version ?? '',
    se: i === 0,
    ...count(graph),
    medianMs: quantile(sorted(times[i] as number[]), 0.5),
    seCostPercent: i === 0 ? seCost(gated, bare) : null,
    paperGflops: paper.gflops[i] as number,
    paperMs: paper.ms?.[i] ?? null,
  }));
}

function measurementTable(lines: readonly Line[]): string {
  const rows = lines.map(({ network, variant, params, macs, medianMs, seCostPercent, paperGflops, paperMs }) => [
    network,
    variant,
    thousands(params),
    giga(macs),
    medianMs.toFixed(1),
    seCostPercent ? costText(seCostPercent) : '',
    seCostPercent ? String(seCostPercent.pairs) : '',
    paperGflops.toFixed(2),
    paperMs === null ? '' : String(paperMs),
  ]);
  return table([
    ['network', 'variant', 'parameters', 'GMAC', 'ms', 'cost of SE (95 % interval)', 'pairs', 'paper: GFLOP', 'paper: ms'],
    ...rows,
  ]);
}

const remarks = `The paper's CPU comparison: 164 ms without gates, 167 ms with them, +1.8 %.
Each plain network here is the SE network of the line above with its gates taken out, the only fair host. v1 strides in the
first 1x1 of a bottleneck, as the authors' ResNets do; v1.5 in the 3x3, as their ResNeXts do.
These weights are synthetic: generated from tensor names, they prove and time a network but recognise nothing. Published
ImageNet weights do not ship: \`senet classify --model\` downloads them. A small network ships.`;
