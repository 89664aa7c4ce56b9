// npm run bench:costs: times every 3×3 convolution of stride 1 in its network, direct and by Winograd's filtering, with the tile that is the fastest here, and
// puts the table into those that the planner chooses from (src/plan/costs.ts). In the network, so that weights come from where they come from in use.
// On an engine that pairs vectors, `node bench/costs.js --revectorize` measures that; `node bench/costs.js NAME` only the networks called so: this machine's other rows stay.
import { readFileSync, writeFileSync } from 'node:fs';
import { syntheticTensor, syntheticWeights } from '../dist/src/io/synthetic.js';
import { createModel } from '../dist/src/models/index.js';
import { enablePairedVectors, enableRelaxed } from '../dist/src/node/engine.js';
import { machineFacts } from '../dist/src/node/machine.js';
import { costs } from '../dist/src/plan/costs.js';
import { lower } from '../dist/src/plan/lower.js';
import { place } from '../dist/src/plan/place.js';
import { CompiledSession } from '../dist/src/wasm/compiled.js';
import { instantiate } from '../dist/src/wasm/instance.js';
import { tiles } from '../dist/src/wasm/options.js';
import { forcedTile, tuning } from '../dist/src/wasm/tune.js';

if (process.argv.includes('--revectorize')) enablePairedVectors();
else enableRelaxed();
const tile = tiles[forcedTile() ?? (await tuning('relaxed')).tile];
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const algorithms = ['direct', 'winograd2', 'winograd4'];
const cases = [
  ['legacy_seresnet18', 224, 1],
  ['legacy_seresnet50', 224, 1],
  ['legacy_seresnet18', 112, 1],
  ['legacy_seresnet50', 448, 1],
  ['legacy_seresnet50', 224, 4],
  ['resnet18', 64, 1],
  ['pytorchcv/resnet20_cifar10', 32, 1],
  ['pytorchcv/resnet20_cifar10', 32, 128],
].filter(([id]) => names.length === 0 || names.some((name) => id.includes(name)));
const rounds = 9;

/** Milliseconds of each 3×3 convolution of stride 1 of a plan, all of its steps, by node; of an image with a border, which goes directly, none. */
function convolutions(graph, plan, stepMs) {
  const found = [];
  let ms = 0;
  plan.steps.forEach((step, i) => {
    ms += stepMs[i];
    if (step.covers.length === 0) return; // the next step completes it
    const node = graph.nodes[step.covers[0]];
    const weight = node.op === 'conv2d' ? graph.nodes[node.inputs[1]].shape : [];
    if (weight[2] === 3 && weight[1] >= 8 && node.attrs.stride[0] === 1 && node.attrs.groups === 1) found.push({ node, weight, ms });
    ms = 0;
  });
  return found;
}

const rows = new Map();
for (const [id, size, batch] of cases) {
  process.stderr.write(`${id} ${size} batch ${batch}\n`);
  const graph = createModel(id, { size, batch });
  const weights = syntheticWeights(graph, { seed: 7, gain: 1 });
  const image = syntheticTensor('input', [batch, 3, size, size], 7);
  const sessions = await Promise.all(
    algorithms.map(async (name) => {
      const plan = place(lower(graph, { tile, threads: 1, algorithms: name }));
      return new CompiledSession(plan, 'relaxed', await instantiate(plan, weights, 'relaxed'));
    }),
  );
  for (let round = -2; round < rounds; round++)
    sessions.forEach((session, a) => {
      const { stepMs } = session.profile(image);
      if (round < 0) return;
      for (const { node, weight, ms } of convolutions(graph, session.plan, stepMs)) {
        const [, , height, width] = node.shape;
        const key = [weight[1], weight[0], batch, height, width].join(' ');
        if (!rows.has(key)) rows.set(key, [[], [], []]);
        rows.get(key)[a].push(ms);
      }
    });
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const table = [...rows].map(([key, times]) => {
  const [inputs, outputs, batch, height, width] = key.split(' ').map(Number);
  const [direct, winograd2, winograd4] = times.map((values) => Number(median(values).toFixed(3)));
  return { inputs, outputs, batch, height, width, direct, winograd2, winograd4 };
});
const { cpu, node } = machineFacts();
const isOurs = (known) => known.tile.rows === tile.rows && known.tile.columns === tile.columns;
const shapeOf = ({ inputs, outputs, batch, height, width }) => [inputs, outputs, batch, height, width].join(' ');
const here = (known) => known?.measured.startsWith(`${cpu}, Node ${node.split('.')[0]}.`);
const keptFrom = (known) => (here(known) ? known.rows.filter((row) => !rows.has(shapeOf(row))) : []); // another machine's rows do not mix with ours
const measured = (known) => ({
  tile,
  measured: `${cpu}, Node ${node}, ${new Date().toISOString().slice(0, 10)}`,
  rows: [...keptFrom(known), ...table],
});
const all = costs.some(isOurs) ? costs.map((known) => (isOurs(known) ? measured(known) : known)) : [...costs, measured()];
const object = (row) =>
  `{ ${Object.entries(row)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')} }`;
const tables = all.map(
  (one) =>
    `  { tile: ${object(one.tile)}, measured: '${one.measured}', rows: [\n${one.rows.map((row) => `    ${object(row)},\n`).join('')}  ] },\n`,
);
const file = 'src/plan/costs.ts';
const text = readFileSync(file, 'utf8');
const start = '= [\n';
writeFileSync(file, `${text.slice(0, text.indexOf(start) + start.length)}${tables.join('')}];\n`);
for (const row of table) console.log(Object.values(row).join('\t'));
