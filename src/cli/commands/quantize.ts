import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { networkMetadata, readAll } from '../../checkpoints/index.js';
import { graphOf } from '../../classifier/graphOf.js';
import { checkLayers, type QuantiseProgress, quantise, saveQuantised } from '../../classifier/quantise.js';
import { presetMetadata } from '../../classifier/trained.js';
import { InputError, underName, WeightsError } from '../../errors.js';
import { enablePairedVectors } from '../../node/engine.js';
import { unreadable } from '../../node/files.js';
import { isOnnx } from '../../node/given.js';
import { spread, tensorsOf } from '../../node/images/calibration.js';
import { expandImages } from '../../node/images/imageFiles.js';
import { noteObserved } from '../../node/observed.js';
import { note, print, printJson } from '../../node/output.js';
import { progress } from '../../node/progress.js';
import { writeWhole } from '../../node/writeWhole.js';
import { isQuantised } from '../../plan/lower.js';
import { preprocessOptions } from '../../pretrained/preset.js';
import { type RangeMethod, rangeMethods } from '../../quant/calibrate.js';
import type { Noise } from '../../quant/noise.js';
import { noiseText } from '../../report/noise.js';
import { checkOutput } from '../checkOutput.js';
import { type NetworkFlags, openNetwork } from '../network.js';
import { algorithmsOption, count, kernelsOption, positive, revectorizeOption, stateOption, threadsOption } from '../options.js';
import type { RunFlags } from '../run.js';

interface Flags extends Omit<NetworkFlags, 'model'>, Omit<RunFlags, 'packedCache'> {
  readonly images: string;
  readonly output: string;
  readonly method: RangeMethod;
  readonly pictures: number;
  readonly measured: number;
  readonly keepFloat: readonly string[];
  readonly target?: number;
  readonly json?: true;
}

/** Fewer pictures than these see too little of what a network's values may be. */
const fewPictures = 16;

/** `senet quantize NETWORK --weights FILE --images FOLDER -o OUT`: a network's weights as integers. */
export function quantizeCommand(): Command {
  return new Command('quantize')
    .alias('quantise')
    .description(
      'write a network with 8-bit weights and activations, calibrated on pictures, as safetensors or as an ONNX file (QDQ); classify, evaluate and inspect take the file',
    )
    .argument('[network]', 'what the weights are of (default: what their tensors say); without --weights, published weights')
    .option(
      '--weights <file>',
      'a checkpoint of the float network, or an ONNX file (default: published weights, or the CIFAR-10 network that ships)',
    )
    .addOption(stateOption())
    .requiredOption('--images <folder>', 'pictures such as the network will see; labels are of no use')
    .requiredOption('-o, --output <file>', 'the file to write, .onnx or else safetensors; of an ONNX file .onnx')
    .addOption(new Option('--method <name>', 'how ranges of values are chosen').choices(rangeMethods).default('mean-square'))
    .addOption(new Option('--pictures <number>', 'how many pictures to calibrate on, spread over the folder').argParser(count).default(64))
    .addOption(new Option('--measured <number>', 'on how many of them noise is measured').argParser(count).default(16))
    .option('--keep-float <layer>', 'a layer that stays as it is; may be given several times', (name, all: string[]) => [...all, name], [])
    .addOption(new Option('--target <decibels>', 'keep the noisiest layers as they are until the logits are so good').argParser(positive))
    .addOption(kernelsOption())
    .addOption(algorithmsOption('fast'))
    .addOption(threadsOption())
    .addOption(revectorizeOption())
    .option('--json', 'print what was written as JSON')
    .action(run);
}

async function run(model: string | undefined, flags: Flags): Promise<void> {
  const { images, output, method, pictures, measured, keepFloat, target, json, ...others } = flags;
  const { threads, kernels, algorithms, revectorize, ...named } = others;
  if (revectorize) enablePairedVectors();
  const network = await openNetwork({ ...named, ...(model !== undefined && { model }) });
  const shown = progress();
  try {
    const files = await chosen(images, pictures);
    await checkOutput('--output', output, ['.safetensors', '.onnx'], [network.file, ...files]);
    const { id, options, preset, labels } = network;
    const graph = graphOf(network);
    if (isQuantised(graph)) throw new InputError(`${network.file} is of a quantised network: expected the float one`);
    if (network.own && !isOnnx(output))
      throw new InputError(`${network.file} is an ONNX file: its network in 8 bits is written as .onnx, not as ${output}`);
    checkLayers(`--keep-float: ${id}`, graph, keepFloat);
    const prepared = (some: readonly string[]) => tensorsOf(some, preprocessOptions(preset));
    const seen = spread(files, measured);
    const onProgress = ({ stage, pictures: done, float }: QuantiseProgress): void => {
      const floats = float > keepFloat.length ? `, ${float} layers as floats` : '';
      shown.show(`${stage}${floats}: ${done} of ${(stage === 'calibrating' ? files : seen).length} pictures`);
    };
    const asked = {
      method,
      float: keepFloat,
      ...(target !== undefined && { target }),
      measured: prepared(seen),
      threads,
      algorithms,
      ...(kernels && { kernels }),
    };
    const result = await quantise(graph, await readAll(network.weights), prepared(files), { ...asked, onProgress }).catch((error) => {
      throw error instanceof WeightsError ? underName(network.file, error) : error;
    });
    shown.clear();
    noteObserved(images, result);
    const said = { model: id, options, preset, labels };
    if (isOnnx(output)) {
      const own = network.own ? network.metadata : networkMetadata({ model: id, options: { ...options, quantised: result.recipe } });
      const { writeOnnx } = await import('../onnxOutput.js');
      await writeOnnx(output, result.graph, result.weights, { metadata: { ...own, ...presetMetadata(preset, labels) } });
    } else await writeWhole(output, saveQuantised(result, said));
    const { own, noise: found } = result;
    const { float: kept } = result.recipe;
    const added = kept.filter((name) => !keepFloat.includes(name));
    if (json) printJson({ output, model: id, method, pictures: files.length, kept, ...asJson(found, own) });
    else print(noiseText({ output, model: id, method, pictures: files.length, added, found, own }));
    if (target !== undefined && found.logits < target) {
      note(`the logits are ${found.logits.toFixed(1)} dB, and ${target} were asked for: half of the layers stay floats`);
      process.exitCode = 1;
    }
  } finally {
    shown.clear();
    await network.close();
  }
}

/** Pictures of the folder, from all of it. @throws InputError for none */
async function chosen(folder: string, pictures: number): Promise<readonly string[]> {
  const files = spread(await expandImages([folder]), pictures);
  if (files.length < fewPictures) {
    await checkThere(folder, files);
    note(
      `${folder}: ${files.length === 1 ? 'one picture' : `${files.length} pictures`}: ranges are those of what is on them; ${fewPictures} or more are better`,
    );
  }
  return files;
}

/** What is missing stands for itself in a list of pictures. */
async function checkThere(folder: string, files: readonly string[]): Promise<void> {
  if (files[0] === folder) await stat(folder).catch((cause) => Promise.reject(unreadable(folder, cause)));
}

const asJson = (found: Noise, own: Noise) => ({
  decibels: found.logits,
  agreement: found.agreement,
  layers: Object.fromEntries([...found.layers].map(([name, decibels]) => [name, { decibels, own: own.layers.get(name) ?? null }])),
});
