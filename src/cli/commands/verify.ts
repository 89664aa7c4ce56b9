import { Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../../errors.js';
import { enablePairedVectors } from '../../node/engine.js';
import { isOnnx } from '../../node/given.js';
import { note, print, printJson } from '../../node/output.js';
import { engineNames, type VerifiedEngine } from '../../node/verify/engineRuns.js';
import { shippedVectors, verify } from '../../node/verify/file.js';
import type { VerifyOptions } from '../../node/verify/options.js';
import { writeWhole } from '../../node/writeWhole.js';
import { type Verdict, verdictTable } from '../../report/verdict.js';
import type { Shape } from '../../tensor.js';
import { checkOutput } from '../checkOutput.js';
import { algorithmsOption, count, kernelsOption, revectorizeOption, type Sides, sides, threadsOption, whole } from '../options.js';

interface Flags extends VerifyOptions {
  readonly against?: readonly VerifiedEngine[];
  readonly image?: string;
  readonly inputs?: string;
  readonly shape?: ReadonlyMap<string, Shape>;
  readonly seed?: number;
  readonly size?: Sides;
  readonly svg?: string;
  readonly revectorize?: true;
  readonly json?: true;
}

/** `senet verify`: files of expectations against the kernels or the reference, and networks against other engines. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      "check networks against PyTorch's float64 outputs (without files: the three vectors that ship with the package), or engines against float64, value by value",
    )
    .argument('[file...]', 'files of expectations (JSON), ONNX files, or with --against networks of `senet models` and files of weights')
    .addOption(
      new Option('--engine <name>', 'the kernels, or the readable reference (some 25 s a network)')
        .choices(['wasm', 'reference'])
        .default('wasm'),
    )
    .option('--against <engines>', `several of ${engineNames.join(', ')}, separated by commas: compare them value by value`, engineList)
    .option('--image <picture>', 'what they are compared on (default: generated numbers)')
    .option('--inputs <file>', 'a safetensors file of the inputs of an ONNX file, by their names; those that it lacks are generated')
    .option(
      '--shape <input=extents>',
      'of an input that an ONNX file leaves open, as mask=1x3x64x64; may be given several times',
      shapeByName,
    )
    .option('--seed <number>', 'of the generated numbers (default: 7)', whole)
    .option('--size <pixels>', "of the image they are compared on, HEIGHTxWIDTH or one number (default: the network's own)", sides)
    .option('--svg <file>', "draw the engines' errors along the network's depth")
    .addOption(kernelsOption())
    .addOption(algorithmsOption('direct'))
    .addOption(threadsOption())
    .addOption(revectorizeOption())
    .option('--json', 'print verdicts as JSON')
    .addHelpText('after', `\n${exits}`)
    .action(run);
}

const exits = `An ONNX file that an index.json beside it lists is checked against the outputs there; any other is run on our kernels, and held to float32's error
bound value by value. Exits 1 if a check fails or an engine is beyond its bound.`;

async function run(files: readonly string[], { json, revectorize, svg, ...options }: Flags): Promise<void> {
  if (revectorize) enablePairedVectors();
  const given = files.length > 0 ? files : shippedVectors;
  if (options.against && files.length === 0) throw new InputError('--against needs a network: an ONNX file, or a name of `senet models`');
  if (svg !== undefined && given.length > 1) throw new InputError(`--svg draws one network, not ${given.length}`);
  await checkOutput('--svg', svg, ['.svg'], [...given, options.image, options.inputs]);
  const verdicts: (Verdict | Awaited<ReturnType<typeof onEngines>>)[] = [];
  let unusable = false;
  for (const file of given) {
    const listed =
      options.against === undefined && isOnnx(file) ? await (await import('../../node/verify/onnx.js')).listedBeside(file) : undefined;
    if (options.against || (isOnnx(file) && listed === undefined)) {
      verdicts.push(await onEngines(file, options, svg, json === true));
      continue;
    }
    if (svg !== undefined) throw new InputError(`--svg draws engines along a network's depth: give --against for ${file}`);
    note(`verifying ${file} (${options.engine})`);
    const { verdict, badInput } = await verify(file, options, listed);
    verdicts.push(verdict);
    unusable ||= badInput;
  }
  const expected = verdicts.filter((verdict): verdict is Verdict => verdict.kind !== 'engines');
  if (json) printJson(verdicts);
  else if (expected.length > 0) print(verdictTable(expected));
  process.exitCode = unusable ? 2 : verdicts.every(({ pass }) => pass) ? 0 : 1;
}

async function onEngines(
  file: string,
  { against = ['ours'], algorithms, engine, shape: shapes, ...options }: Flags,
  svg: string | undefined,
  quiet: boolean,
) {
  if (algorithms === 'fast')
    throw new InputError('engines are held to the bound of direct sums, value by value: leave out --algorithms fast');
  if (engine === 'reference') throw new InputError('--engine is for files of expectations: give --against reference');
  const { verifyEngines } = await import('../../node/verify/engines.js');
  const verdict = await verifyEngines(file, {
    ...options,
    ...(shapes && { shapes }),
    engine,
    engines: [...new Set<VerifiedEngine>(['ours', ...against])],
  });
  if (svg !== undefined) await writeWhole(svg, (await import('../../report/depthChart.js')).depthChart(verdict));
  if (!quiet) print((await import('../../report/nodewise.js')).nodewiseText(verdict));
  return verdict;
}

/** For commander: the shape of a named input, beside those before it. */
function shapeByName(text: string, before: ReadonlyMap<string, Shape> = new Map()): ReadonlyMap<string, Shape> {
  const at = text.lastIndexOf('='); // names may have one too
  if (at < 1) throw new InvalidArgumentError('Expected the name of an input and its extents, as mask=1x3x64x64.');
  return new Map([
    ...before,
    [
      text.slice(0, at),
      text
        .slice(at + 1)
        .split('x')
        .map(count),
    ],
  ]);
}

function engineList(text: string): readonly VerifiedEngine[] {
  return text.split(',').map((name) => {
    const known = engineNames.find((engine) => engine === name);
    if (known === undefined) throw new InvalidArgumentError(`Expected ${engineNames.join(', ')}, or several of them separated by commas.`);
    return known;
  });
}
