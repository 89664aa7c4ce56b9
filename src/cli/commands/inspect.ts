import { Command } from 'commander';
import type { Checkpoint } from '../../checkpoints/index.js';
import { misfitText } from '../../checkpoints/misfits.js';
import { print, printJson } from '../../node/output.js';
import { withCheckpoint } from '../../node/weightsFile.js';
import { thousands } from '../../report/format.js';
import { table } from '../../report/table.js';
import { sizeOf } from '../../tensor.js';
import { type Findings, findingsOf } from '../findings.js';
import { stateOption } from '../options.js';

interface Flags {
  readonly model?: string;
  readonly state?: string;
  readonly json?: true;
}

/** `senet inspect FILE`: what a file of weights is. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('say what a file of weights is: format, library, network or detector, data types, and what is missing or too much')
    .argument('<file>', 'safetensors, .pth, .npz, .gguf, a zip of one, .caffemodel, .h5, .keras, or .onnx')
    .option('--model <name>', 'the network or detector to compare with (default: what the tensors say)')
    .addOption(stateOption())
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExits 1 if no network fits, or several that compute different things; of ONNX, if a node is not supported.')
    .action(async (file: string, { model, state, json }: Flags) => {
      if (file.endsWith('.onnx')) return await inspectOnnx(file, json);
      const { detector, ...report } = await withCheckpoint(
        file,
        (checkpoint) => reportOf(file, checkpoint, findingsOf(checkpoint, model)),
        state,
      );
      if (json) printJson(report);
      else print(reportText(report, detector));
      process.exitCode = report.network === null ? 1 : 0;
    });
}

/** A network by itself, which is compared with none of ours. */
async function inspectOnnx(file: string, json: true | undefined): Promise<void> {
  const { onnxReport, onnxText } = await import('../onnxReport.js');
  const report = await onnxReport(file);
  if (json) printJson(report);
  else print(onnxText(report));
  process.exitCode = report.unsupported.length > 0 ? 1 : 0;
}

type Report = Omit<ReturnType<typeof reportOf>, 'detector'>;

function reportOf(file: string, { format, entry, metadata }: Checkpoint, findings: Findings) {
  const { family, because, takenFrom, alsoIn, tensors, ignored, detector, network, same, candidates, parameters, nearest } = findings;
  const dtypes: Record<string, { tensors: number; elements: number }> = {};
  for (const { dtype, shape } of tensors.values()) {
    const sum = dtypes[dtype] ?? { tensors: 0, elements: 0 };
    dtypes[dtype] = { tensors: sum.tensors + 1, elements: sum.elements + sizeOf(shape) };
  }
  return {
    detector,
    file,
    format,
    entry: entry ?? null,
    family,
    because,
    /** The dictionary, and module, of the file that the tensors are of. */
    takenFrom: takenFrom || null,
    /** Others that hold the same network. */
    alsoIn,
    network: network ?? null,
    /** The same network in other sources. */
    same,
    /** Networks that fit; or the one that fits best. */
    candidates,
    classes: nearest?.classes ?? null,
    /** What the file calls the layer that computes the classes, where it is not the network's name for it. */
    classifier: nearest?.classifier ?? null,
    parameters: parameters ?? null,
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
  pickle: "Python's pickle",
  gguf: 'GGUF',
  caffe: 'Caffe',
  keras: 'Keras',
  numpy: 'NumPy',
};

function reportText(report: Report, detector: boolean): string {
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
    classifier,
    dtypes,
    metadata,
    missing,
    extra,
    misshapen,
  } = report;
  const rows = [
    ['format', formats[format] + (entry === null ? '' : `, as ${entry} in a zip archive`)],
    ['names', `${family}: ${because}`],
    detector ? ['detector', detectorText(report)] : ['network', networkText(report)],
    ...(takenFrom === null ? [] : [['taken from', [takenFrom, ...alsoIn].join('; --state takes ')]]),
    ['classes', classes === null ? '-' : thousands(classes) + (classifier === null ? '' : `, by the layer ${classifier}`)],
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
      misshapen.map((misfit) => misfitText(misfit)),
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

function detectorText({ network, candidates: [nearest, ...others] }: Report): string {
  if (network === null) return `none; nearest is ${nearest}`;
  const same = others.length === 0 ? '' : `; ${others.join(', ')} has the same tensors`;
  return `${network}: \`senet detect\` runs it${same}`;
}

/** The first few of a list, under its name. */
function differing(what: string, items: readonly string[]): readonly (readonly string[])[] {
  const shown = items.slice(0, 5).map((item, i) => [i === 0 ? `${what}: ${items.length}` : '', item]);
  return items.length > shown.length ? [...shown, ['', '…']] : shown;
}
