import { Command, Option } from 'commander';
import { type Checkpoint, type Identified, identify, networkMetadata, readAll } from '../../checkpoints/index.js';
import { whatWasTaken } from '../../classifier/network.js';
import { InputError } from '../../errors.js';
import type { SavedDtype } from '../../io/safetensors.js';
import { createModel } from '../../models/index.js';
import { isOnnx } from '../../node/given.js';
import { note, print, printJson } from '../../node/output.js';
import { withCheckpoint } from '../../node/weightsFile.js';
import { writeWhole } from '../../node/writeWhole.js';
import { quantisedFile } from '../../quant/file.js';
import { checkOutput } from '../checkOutput.js';
import { count, stateOption } from '../options.js';
import { saveTensors } from '../savedTensors.js';

interface Flags {
  readonly output: string;
  readonly dtype: Lowercase<SavedDtype>;
  readonly model?: string;
  readonly state?: string;
  readonly opset?: number;
  readonly json?: true;
}

const savedDtypes: Readonly<Record<Lowercase<SavedDtype>, SavedDtype>> = { f32: 'F32', f16: 'F16', bf16: 'BF16' };

/** `senet convert FILE -o OUT`: any checkpoint as a network's tensors and nothing else, or as an ONNX file. */
export function convertCommand(): Command {
  return new Command('convert')
    .description(
      "write a checkpoint as safetensors, under its network's own names, F32 keeping every bit of F32, F16 and BF16; or as an ONNX file with its labels and what it expects of images, a quantised network's as QDQ",
    )
    .argument('<file>', 'safetensors, .pth, .gguf, a zip of one, .caffemodel, .h5, .keras or .onnx')
    .requiredOption('-o, --output <file>', 'the file to write, .onnx or else safetensors')
    .addOption(new Option('--dtype <name>', 'how values are stored').choices(Object.keys(savedDtypes)).default('f32'))
    .option('--model <name>', 'the network that the file is of (default: what its tensors say)')
    .option('--opset <number>', 'of an ONNX file: its operator set, 13 to 21 (default: 17)', count)
    .addOption(stateOption())
    .option('--json', 'print what was written as JSON')
    .action(async (file: string, { json, ...flags }: Flags) => {
      const written = await convert(file, flags);
      if (json) printJson(written);
      else print(`${flags.output}: ${written.tensors} tensors of ${written.model}, ${written.dtype}`);
    });
}

async function convert(file: string, flags: Omit<Flags, 'json'>) {
  const { output, dtype, model, state, opset } = flags;
  await checkOutput('--output', output, ['.safetensors', '.onnx'], [file]);
  if (isOnnx(output)) return (await import('../onnxOutput.js')).toOnnxFile(file, { ...flags, dtype: savedDtypes[dtype] });
  if (opset !== undefined) throw new InputError(`--opset is of ONNX files, and ${output} is to be none: call it .onnx`);
  if (isOnnx(file)) return (await import('../onnxOutput.js')).ofOnnxFile(file, { ...flags, dtype: savedDtypes[dtype] });
  const write = async (checkpoint: Checkpoint) => {
    const recognised = identify(checkpoint, model);
    for (const text of whatWasTaken(file, recognised, state)) note(text);
    const { stored, takenFrom, classes, options } = recognised;
    const metadata = networkMetadata(recognised, { ...checkpoint.metadata, ...(takenFrom !== '' && { 'taken from': takenFrom }) });
    const saved = options.quantised
      ? await saveIntegers(output, recognised, savedDtypes[dtype], metadata)
      : await saveTensors(output, stored, savedDtypes[dtype], metadata);
    return { file, takenFrom: takenFrom || null, output, model: recognised.model, classes, ...saved };
  };
  return withCheckpoint(file, write, state);
}

/** A quantised network is written as it is stored. @throws InputError for a type of floats */
async function saveIntegers(
  output: string,
  { model, options, classes, stored }: Identified,
  dtype: SavedDtype,
  metadata: Readonly<Record<string, string>>,
) {
  if (dtype !== 'F32') throw new InputError(`--dtype ${dtype.toLowerCase()} is of floats, and ${model} is stored in integers here`);
  const graph = createModel(model, { ...options, classes });
  await writeWhole(output, quantisedFile(graph, await readAll(stored), metadata));
  return { tensors: stored.size, dtype: 'I8' as const };
}
