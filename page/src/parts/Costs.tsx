import { useState } from 'preact/hooks';
import type { EngineTiming } from '#senet/measure/bench.js';
import { useJob } from '../useJob.js';
import { asMarkdown } from '../work/markdown.js';
import { Intervals } from './Intervals.js';
import { JobState } from './JobState.js';

const networks = [
  { id: 'torchvision/mobilenet_v3_large', title: 'MobileNetV3-Large', megabytes: 50 },
  { id: 'timm/legacy_seresnet50', title: 'SE-ResNet-50', megabytes: 600 },
] as const;

/** What SE costs here: a network and the same without its gates, ours and TensorFlow.js, in turns. */
export function Costs() {
  const [rows, setRows] = useState<readonly EngineTiming[]>([]);
  const [models, setModels] = useState<readonly string[]>([networks[0].id]);
  const [tfjs, setTfjs] = useState(false);
  const job = useJob((heard) => {
    if (heard.kind === 'timed') setRows((now) => [...now, ...heard.rows]);
  });
  const running = job.progress !== undefined;
  const costs = rows.flatMap(({ model, engine, seCostPercent }) =>
    seCostPercent === undefined ? [] : [{ label: `${nameOf(model)}, ${engine}`, ...seCostPercent }],
  );
  const ratios = rows.flatMap(({ model, se, timesOurs }) =>
    timesOurs === undefined ? [] : [{ label: `${nameOf(model)}${se ? '' : ' without gates'}`, ...timesOurs }],
  );
  return (
    <section class="device" aria-labelledby="costs">
      <h2 id="costs">What SE costs on this device</h2>
      <p class="about">
        A network and the same network without its gates take turns, 51 times each, on one thread; what counts is the ratio within each
        turn. Close other work first: it takes up to a minute a network.
      </p>
      <div class="row">
        {networks.map(({ id, title, megabytes }) => (
          <label key={id} class="check">
            <input
              type="checkbox"
              checked={models.includes(id)}
              disabled={running}
              onChange={({ currentTarget: { checked } }) =>
                setModels((now) => (checked ? [...now, id] : now.filter((other) => other !== id)))
              }
            />
            {title} <span class="size">({megabytes} MB of memory)</span>
          </label>
        ))}
        <label class="check">
          <input type="checkbox" checked={tfjs} disabled={running} onChange={({ currentTarget: { checked } }) => setTfjs(checked)} />
          beside TensorFlow.js <span class="size">(loads 0.7 MB more)</span>
        </label>
      </div>
      <div class="row">
        {running ? (
          <button type="button" onClick={job.stop}>
            Stop
          </button>
        ) : (
          <button
            type="button"
            disabled={models.length === 0}
            onClick={() => {
              setRows([]);
              job.begin({ kind: 'bench', models, rounds: 51, tfjs });
            }}
          >
            Measure
          </button>
        )}
        {rows.length > 0 && (
          <>
            <Copy label="Copy as JSON" text={() => JSON.stringify(rows, null, 1)} />
            <Copy label="Copy as Markdown" text={() => asMarkdown(rows)} />
          </>
        )}
      </div>
      <JobState progress={job.progress} problem={job.problem} />
      {costs.length > 0 && (
        <Intervals title="Cost of SE, per cent of the time without gates: median and its 95 % interval" unit=" %" zero={0} rows={costs} />
      )}
      {ratios.length > 0 && (
        <Intervals title="TensorFlow.js’s time over ours: median and its 95 % interval" unit="" zero={1} rows={ratios} />
      )}
      {rows.length > 0 && <Table rows={rows} />}
    </section>
  );
}

const nameOf = (model: string): string => networks.find(({ id }) => id === model)?.title ?? model;

function Table({ rows }: { readonly rows: readonly EngineTiming[] }) {
  return (
    <table class="figures">
      <caption class="hidden">Milliseconds an image</caption>
      <thead>
        <tr>
          <th>Network</th>
          <th>Engine</th>
          <th>Median, ms</th>
          <th>Least, ms</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ model, se, engine, variant, version, medianMs, minMs }) => (
          <tr key={[model, se, engine].join()}>
            <th scope="row">
              {nameOf(model)}
              {se ? '' : ' without gates'}
            </th>
            <td>{engine === 'senet' ? `senet, ${variant}` : `${engine} ${version}`}</td>
            <td>{medianMs.toFixed(1)}</td>
            <td>{minMs.toFixed(1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Copy({ label, text }: { readonly label: string; text(): string }) {
  const [said, setSaid] = useState('');
  const copy = (): void => {
    navigator.clipboard.writeText(text()).then(
      () => setSaid(' Copied.'),
      () => setSaid(' The browser does not let this page copy.'),
    );
  };
  return (
    <span>
      <button type="button" onClick={copy}>
        {label}
      </button>
      <span role="status" class="size">
        {said}
      </span>
    </span>
  );
}
