import { useState } from 'preact/hooks';
import type { EngineTiming } from '#senet/measure/bench.js';
import { asMarkdown } from '../jobs/markdown.js';
import { useJob } from '../useJob.js';
import { Intervals } from './Intervals.js';
import { JobControl } from './JobControl.js';

const networks = [
  { id: 'torchvision/mobilenet_v3_large', title: 'MobileNetV3-Large' },
  { id: 'timm/legacy_seresnet50', title: 'SE-ResNet-50', note: 'hundreds of megabytes of memory' },
] as const satisfies readonly { readonly id: string; readonly title: string; readonly note?: string }[];

/** Enough for an interval of the median. */
const rounds = 51;

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
        A network and the same network without its gates take turns, {rounds} times each, on one thread; what counts is the ratio within
        each turn. Close other work first.
      </p>
      <div class="row">
        {networks.map(({ id, title, ...more }) => (
          <label key={id} class="check">
            <input
              type="checkbox"
              checked={models.includes(id)}
              disabled={running}
              onChange={({ currentTarget: { checked } }) =>
                setModels((now) => (checked ? [...now, id] : now.filter((other) => other !== id)))
              }
            />
            {title} {'note' in more && <span class="size">({more.note})</span>}
          </label>
        ))}
        <label class="check">
          <input type="checkbox" checked={tfjs} disabled={running} onChange={({ currentTarget: { checked } }) => setTfjs(checked)} />
          beside TensorFlow.js <span class="size">(which is loaded then)</span>
        </label>
      </div>
      <JobControl
        job={job}
        label="Measure"
        disabled={models.length === 0}
        onBegin={() => {
          setRows([]);
          job.begin({ kind: 'bench', models, rounds, tfjs });
        }}
      >
        {rows.length > 0 && (
          <>
            <Copy label="Copy as JSON" text={() => JSON.stringify(rows, null, 1)} />
            <Copy label="Copy as Markdown" text={() => asMarkdown(rows)} />
          </>
        )}
      </JobControl>
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
