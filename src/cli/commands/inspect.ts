import { Command } from 'commander';
import { type Checkpoint, type Inspection, inspect } from '../../checkpoints/index.js';
import { showShape } from '../../errors.js';
import { count } from '../../graph/count.js';
import { createModel } from '../../models/index.js';
import { print, printJson } from '../../node/output.js';
import { withCheckpoint } from '../../node/weightsFile.js';
import { thousands } from '../../report/format.js';
import { table } from '../../report/table.js';
import { sizeOf } from '../../tensor.js';
import { stateOption } from '../options.js';

interface Flags {
  readonly model?: string;
  readonly state?: string;
  readonly json?: true;
}

/** `senet inspect FILE`: what a file of weights is. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('say what a file of weights is: format, library, network, data types, and what is missing or too much')
    .argument('<file>', 'safetensors, .pth, .gguf, a zip of one, or .caffemodel')
    .option('--model <name>', 'the network to compare with (default: what the tensors say)')
    .addOption(stateOption())
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExits 1 if no network fits, or several that compute different things.')
    .action(async (file: string, { model, state, json }: Flags) => {
      const report = await withCheckpoint(file, (checkpoint) => reportOf(file, checkpoint, inspect(checkpoint, model)), state);
      if (json) printJson(report);
      else print(reportText(report));
      process.exitCode = report.network === null ? 1 : 0;
    });
}

type Report = ReturnType<typeof reportOf>;

function reportOf(file: string, { format, entry, metadata }: Checkpoint, inspection: Inspection) {
  const { family, because, takenFrom, alsoIn, tensors, ignored, matches, match, same } = inspection;
  const dtypes: Record<string, { tensors: number; elements: number }> = {};
  for (const { dtype, shape } of tensors.values()) {
    const sum = dtypes[dtype] ?? { tensors: 0, elements: 0 };
    dtypes[dtype] = { tensors: sum.tensors + 1, elements: sum.elements + sizeOf(shape) };
  }
  const nearest = match ?? matches[0];
  return {
    file,
    format,
    entry: entry ?? null,
    family,
    because,
    /** The dictionary, and module, of the file that the tensors are of. */
    takenFrom: takenFrom || null,
    /** Others that hold the same network. */
    alsoIn,
    network: match?.model ?? null,
    /** The same network in other sources. */
    same,
    /** Networks that fit; or the one that fits best. */
    candidates: matches.map(({ model }) => model),
    classes: nearest?.classes ?? null,
    parameters: match ? count(createModel(match.model, { ...match.options, classes: match.classes })).params : null,
    dtypes,
    metadata,
    missing: nearest?.missing ?? [],
    extra: nearest?.extra ?? [],
    /** What else the file holds. */
    ignored: [...ignored].map(([name, what]) => ({ name, what })),
    misshapen: nearest?.misshapen ?? [],
  };
}

const formats: Readonly<Record<Checkpoint['format'], string>> = {
  safetensors: 'safetensors',
  torch: 'PyTorch, 1.6 and later',
  'torch-legacy': 'PyTorch, before 1.6',
  gguf: 'GGUF',
  caffe: 'Caffe',
};

function reportText(report: Report): string {
  const {
    file,
    format,
    entry,
    family,
    because,
    takenFrom,
    alsoIn,
    ignored,
    parameters,
    classes,
    dtypes,
    metadata,
    missing,
    extra,
    misshapen,
  } = report;
  const rows = [
    ['format', formats[format] + (entry === null ? '' : `, as ${entry} in a zip archive`)],
    ['names', `${family}: ${because}`],
    ['network', networkText(report)],
    ...(takenFrom === null ? [] : [['taken from', [takenFrom, ...alsoIn].join('; --state takes ')]]),
    ['classes', classes === null ? '-' : thousands(classes)],
    ['parameters', parameters === null ? '-' : thousands(parameters)],
    [
      'data',
      Object.entries(dtypes)
        .map(([dtype, sum]) => `${dtype}: ${thousands(sum.elements)} values in ${sum.tensors} tensors`)
        .join('; '),
    ],
    ...Object.entries(metadata).map(([key, value]) => [`  ${key}`, value.slice(0, 100)]),
    ...differing('missing', missing),
    ...differing(
      'misshapen',
      misshapen.map(({ name, expected, found }) => `${name} is ${showShape(found)}, not ${showShape(expected)}`),
    ),
    ...differing('extra', extra),
    ...differing(
      'ignored',
      ignored.map(({ name, what }) => `${name}: ${what}`),
    ),
  ];
  return table([['file', file], ...rows]);
}

function networkText({ network, same, candidates }: Report): string {
  if (network !== null) return [network, ...same].join(', the same as ');
  if (candidates.length > 1) return `${candidates.join(' or ')}: the same names and shapes; say which by --model`;
  return candidates.length === 1 ? `none; nearest is ${candidates[0]}` : 'none';
}

/** The first few of a list, under its name. */
function differing(what: string, items: readonly string[]): readonly (readonly string[])[] {
  const shown = items.slice(0, 5).map((item, i) => [i === 0 ? `${what}: ${items.length}` : '', item]);
  return items.length > shown.length ? [...shown, ['', '…']] : shown;
}
