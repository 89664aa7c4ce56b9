import { Command } from 'commander';
import { type Checked, checkSegments } from '../../bound/segments.js';
import { showShape } from '../../errors.js';
import { readComparison } from '../../node/dump.js';
import { note, print, printJson } from '../../node/output.js';
import type { OpName } from '../../ops/op.js';
import { thousands } from '../../report/format.js';
import { table } from '../../report/table.js';

interface Flags {
  readonly model?: string;
  readonly weights: string;
  readonly json?: true;
}

/** `senet compare DUMP`: which layer of another program is wrong. */
export function compareCommand(): Command {
  return new Command('compare')
    .description("find the first layer whose activations, dumped by another program, lie beyond float32's error bound")
    .argument(
      '<dump>',
      'safetensors, .pt or .npz file of `input` and activations under their module paths (docs/compare.md makes one with PyTorch)',
    )
    .requiredOption(
      '--weights <file>',
      'the weights: safetensors, .pth, .gguf, .caffemodel, .h5 or .keras; or an ONNX file, whose values are dumped by their names there',
    )
    .option('--model <name>', 'a network of `senet models` (default: recognised from its weights)')
    .option('--json', 'print every tensor and the verdict as JSON')
    .action(async (dump: string, { model: wanted, weights: file, json }: Flags) => {
      const { model, graph, weights, input, dumped, leftOut, unknown } = await readComparison(dump, wanted, file);
      if (unknown.length > 0) note(`left out ${listed(unknown)}: no modules of ${model}`);
      if (leftOut.length > 0) note(`left out ${listed(leftOut)}: modules that run more than once in a pass`);
      note(`comparing ${dumped.length} tensors with the float64 reference`);
      const checked = checkSegments(graph, weights, input, dumped, tenths());
      const beyond = checked.filter(({ ratio }) => ratio > 1);
      if (json)
        printJson({
          model,
          dump,
          weights: file,
          leftOut,
          unknown,
          tensors: checked,
          firstBeyond: beyond[0]?.name ?? null,
          pass: beyond.length === 0,
        });
      else print(`${checkedTable(checked)}\n\n${verdict(checked, beyond)}`);
      process.exitCode = beyond.length === 0 ? 0 : 1;
    });
}

/** `5 names (a, b, c, ...)` */
function listed(names: readonly string[]): string {
  const shown = [...names.slice(0, 3), ...(names.length > 3 ? ['...'] : [])].join(', ');
  return `${names.length} name${names.length === 1 ? '' : 's'} (${shown})`;
}

/** Says how far it is, ten times in all: the reference takes its time. */
function tenths(): (name: string, done: number) => void {
  let said = 0;
  return (name, done) => {
    if (Math.floor(done * 10) === said) return;
    said = Math.floor(done * 10);
    note(`${said * 10} % at ${name}`);
  };
}

const short = (value: number): string => (value === 0 ? '0' : value.toExponential(2));
/** As many digits as a float32 has. */
const exactly = (value: number): string => String(Number(value.toPrecision(9)));
const times = (ratio: number): string => (ratio >= 100 ? thousands(Math.round(ratio)) : ratio.toFixed(3));

function checkedTable(checked: readonly Checked[]): string {
  const head = ['tensor', 'from', 'ops', 'error', 'bound', 'error/bound', 'at', 'expected', 'found', ''];
  const rows = checked.map(({ name, from, ops, at, ratio }) => [
    name,
    from.join(', '),
    counted(ops),
    ...(at ? [short(at.error), short(at.bound)] : ['0', '']),
    times(ratio),
    ...(at ? [showShape(at.index), exactly(at.expected), exactly(at.found)] : ['', '', '']),
    ratio > 1 ? 'BEYOND' : '',
  ]);
  return table([head, ...rows]);
}

/** `2 conv2d, 2 batchNorm, relu` */
function counted(ops: readonly OpName[]): string {
  const counts = new Map<OpName, number>();
  for (const op of ops) counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts].map(([op, n]) => (n === 1 ? op : `${n} ${op}`)).join(', ');
}

function verdict(checked: readonly Checked[], beyond: readonly Checked[]): string {
  const [first] = beyond;
  if (first?.at) {
    const { index, error, bound, expected, found } = first.at;
    return (
      `first beyond its bound: ${first.name}, at ${showShape(index)}: expected ${exactly(expected)}, found ${exactly(found)}, ` +
      `off by ${short(error)} where ${short(bound)} is allowed, ${times(first.ratio)} times (${beyond.length} of ${checked.length} tensors are beyond)`
    );
  }
  const nearest = checked.reduce((most, one) => (one.ratio > most.ratio ? one : most));
  return `all ${checked.length} tensors within their bound; nearest to it: ${nearest.name}, ${times(nearest.ratio)} of its bound`;
}
