import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { count } from '../src/graph/count.js';
import { syntheticTensor, syntheticWeights } from '../src/io/synthetic.js';
import { createModel } from '../src/models/index.js';
import { enableRelaxed } from '../src/node/engine.js';
import { machineFacts } from '../src/node/machine.js';
import { note, print } from '../src/node/output.js';
import { writeWhole } from '../src/node/writeWhole.js';
import { machineLine } from '../src/report/machine.js';
import { table } from '../src/report/table.js';
import { interleave, quantile, sorted } from '../src/stats/timing.js';
import { synthetic } from '../src/verify/vector.js';
import { compile } from '../src/wasm/session.js';
import { resultName } from './result.js';
import { root } from './runtimes.js';
import { type ScaleResult, type ScaleRow, scaleSvg, scaleTable } from './scaleChart.js';

/** `npm run bench:scale`: whether a network's time grows as its work does, from small images to large ones and from one to sixteen. */

const model = 'legacy_seresnet50';
const shapes = [...[112, 224, 320, 448].map((size) => ({ size, batch: 1 })), ...[2, 4, 8, 16].map((batch) => ({ size: 224, batch }))];
const rounds = 7;

/** All shapes by one kind of algorithms, taking turns. */
async function measure(algorithms: 'direct' | 'fast'): Promise<readonly ScaleRow[]> {
  note(`${model}, ${algorithms}: compiling ${shapes.length} shapes`);
  const ready = [];
  for (const { size, batch } of shapes) {
    const graph = createModel(model, { size, batch });
    const session = await compile(graph, syntheticWeights(graph, synthetic), { algorithms });
    ready.push({ size, batch, session, macs: count(graph).macs, image: syntheticTensor('input', [batch, 3, size, size], synthetic.seed) });
  }
  const times = await interleave(
    ready.map(
      ({ session, image }) =>
        () =>
          session.run(image),
    ),
    { warmup: 2, rounds, progress: (round) => note(`${algorithms}: round ${round} of ${rounds}`) },
  );
  for (const { session } of ready) session.dispose();
  const rows = ready.map(({ size, batch, macs }, i) => {
    const medianMs = quantile(sorted(times[i] as number[]), 0.5);
    return { algorithms, size, batch, macs, medianMs, gflops: (2 * macs) / medianMs / 1e6 };
  });
  const middle = quantile(sorted(rows.map(({ gflops }) => gflops)), 0.5);
  return rows.map((row) => ({ ...row, deviationPercent: 100 * (row.gflops / middle - 1) }));
}

enableRelaxed();
const host = machineFacts();
const date = new Date().toISOString().slice(0, 10);
const rows = [...(await measure('direct')), ...(await measure('fast'))];
const folder = join(root, 'bench/results/scale');
await mkdir(folder, { recursive: true });
const result: ScaleResult = { date, command: 'npm run bench:scale', model, host, rounds, rows };
await writeWhole(join(folder, resultName(result)), `${JSON.stringify(result, undefined, 1)}\n`);
await writeWhole(join(folder, 'scale.svg'), await scaleSvg(rows, `${model}; ${host.cpu}, one thread, relaxed kernels, ${date}`));
print(`${machineLine(host)}\n`);
print(table(scaleTable(rows)));
