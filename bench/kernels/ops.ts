import { compile, createModel, type Node, syntheticTensor, syntheticWeights } from 'senet';
import { Bench } from 'tinybench';
import { enableRelaxed } from '../../src/node/engine.js';
import { machineFacts } from '../../src/node/machine.js';
import { note, print } from '../../src/node/output.js';
import { stepLines } from '../../src/plan/print.js';
import { machineLine } from '../../src/report/machine.js';
import { table } from '../../src/report/table.js';
import { casesOf } from './cases.js';

/** `node dist/bench/kernels/ops.js`: each kernel alone, on the largest shape that it has in the networks. */

enableRelaxed();
const networks = ['legacy_seresnet50', 'seresnet50', 'legacy_seresnext50_32x4d'].flatMap((model) => [
  createModel(model),
  createModel(model, { se: false }),
]);
// by number, not by time: a run is some hundred times as long as the part of it that is counted
const bench = new Bench({ time: 0, iterations: 100, warmupTime: 0, warmupIterations: 20 });
const work = new Map<string, { readonly macs: number; readonly bytes: number }>();
const sessions = [];

for (const { name, kernel, graph } of casesOf(networks)) {
  const session = await compile(graph, syntheticWeights(graph, { seed: 7 }));
  sessions.push(session);
  const at = session.plan.steps.findLastIndex((step) => step.kernel === kernel);
  const line = stepLines(graph, session.plan)[at];
  const inputs = Object.fromEntries(
    graph.nodes
      .filter((node): node is Node<'input'> => node.op === 'input')
      .map(({ attrs }) => [attrs.name, syntheticTensor('input', attrs.shape, 7)]),
  );
  work.set(name, { macs: line?.macs ?? 0, bytes: line?.bytes ?? 0 });
  // the kernel's own time, without the copies into the session and out of it
  bench.add(name, () => ({ overriddenDuration: session.profile(inputs).stepMs[at] as number }));
}

note(`${bench.tasks.length} kernels`);
await bench.run();
for (const session of sessions) session.dispose();

const rows = bench.tasks.map(({ name, result }) => {
  if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
  const { macs, bytes } = work.get(name) as { macs: number; bytes: number };
  const { p50 } = result.latency;
  return [
    name,
    (1000 * p50).toFixed(1),
    String(result.latency.samplesCount),
    macs === 0 ? '' : ((2 * macs) / p50 / 1e6).toFixed(1),
    (bytes / p50 / 1e6).toFixed(1),
  ];
});
print(`${machineLine(machineFacts())}\n`);
print(table([['kernel → its output', 'median µs', 'runs', 'GFLOP/s', 'GB/s'], ...rows]));
