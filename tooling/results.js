// Condenses what was measured of the paper's tables from the committed results of bench/ and experiments/ into assets/results.json, which `senet tables` reads:
// users have the package, not the repository. A test holds the file to the results.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const timed = 'timm/legacy_seresnet50';

const resultsIn = (folder) =>
  readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ file: `${folder}${name}`, ...JSON.parse(readFileSync(new URL(`${folder}${name}`, root), 'utf8')) }));

const originOf = ({ file, date, command }) => ({ file, date, command });

/** One thread, one image, the fastest kernels. */
const times = ({ rows, host, ...result }) =>
  rows
    .filter(
      ({ engine, model, batch, threads, variant, algorithms, runtime }) =>
        engine === 'senet' &&
        model === timed &&
        batch === 1 &&
        threads === 1 &&
        variant === 'relaxed' &&
        algorithms === 'fast' &&
        runtime.startsWith('Node'),
    )
    .map(({ runtime, model, se, medianMs }) => ({ ...originOf(result), cpu: host.cpu, runtime, model, se, milliseconds: medianMs }));

const steps = ({ rows, host, ...result }) =>
  rows
    .filter(({ engine, model }) => engine === 'senet' && [timed, `${timed} without SE`].includes(model))
    .filter(({ batch, threads }, i, all) => all.some((other, j) => i !== j && other.batch === batch && other.threads === threads)) // with its host
    .map(({ model, batch, threads, medianMs }) => ({
      ...originOf(result),
      cpu: host.cpu,
      model: timed,
      se: model === timed,
      batch,
      threads,
      milliseconds: medianMs,
    }));

const ablation = ({ finding, network, images, recipe, variants, ...result }) => ({
  ...originOf(result),
  finding,
  network,
  images,
  recipe,
  variants: variants.map(({ name, options, runs, mean, low, high }) => ({ name, options, seeds: runs.length, mean, low, high })),
});

/** The text of assets/results.json. */
export const resultsText = () =>
  `${JSON.stringify(
    {
      times: resultsIn('bench/results/').flatMap(times),
      steps: resultsIn('bench/results/training/').flatMap(steps),
      ablations: resultsIn('experiments/results/')
        .filter((result) => 'variants' in result)
        .map(ablation),
    },
    null,
    1,
  )}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(new URL('assets/results.json', root), resultsText());
