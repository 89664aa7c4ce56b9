import { Command, Option } from 'commander';
import { type Checkpoint, identify, networkMetadata } from '../../checkpoints/index.js';
import { whatWasTaken } from '../../classifier/network.js';
import { encodeFloats, type SavedDtype, safetensorsHeader } from '../../io/safetensors.js';
import type { Stored } from '../../io/tensorFile.js';
import { note, print, printJson } from '../../node/output.js';
import { progress } from '../../node/progress.js';
import { withCheckpoint } from '../../node/weightsFile.js';
import { writeWhole } from '../../node/writeWhole.js';
import { stateOption } from '../options.js';

interface Flags {
  readonly output: string;
  readonly dtype: Lowercase<SavedDtype>;
  readonly model?: string;
  readonly state?: string;
  readonly json?: true;
}

const savedDtypes: Readonly<Record<Lowercase<SavedDtype>, SavedDtype>> = { f32: 'F32', f16: 'F16', bf16: 'BF16' };

/** `senet convert FILE -o OUT.safetensors`: any checkpoint as a network's tensors and nothing else. */
export function convertCommand(): Command {
  return new Command('convert')
    .description("write a checkpoint as safetensors, under its network's own names; F32 keeps every bit of F32, F16 and BF16")
    .argument('<file>', 'safetensors, .pth, .gguf, a zip of one, .caffemodel, .h5 or .keras')
    .requiredOption('-o, --output <file>', 'the file to write')
    .addOption(new Option('--dtype <name>', 'how values are stored').choices(Object.keys(savedDtypes)).default('f32'))
    .option('--model <name>', 'the network that the file is of (default: what its tensors say)')
    .addOption(stateOption())
    .option('--json', 'print what was written as JSON')
    .action(async (file: string, { output, dtype, model: name, state, json }: Flags) => {
      const write = async (checkpoint: Checkpoint) => {
        const recognised = identify(checkpoint, name);
        for (const text of whatWasTaken(file, recognised)) note(text);
        const { model, options, classes, stored, takenFrom } = recognised;
        const shapes = new Map([...stored].map(([key, { shape }]) => [key, shape]));
        const saved = savedDtypes[dtype];
        const metadata = {
          ...networkMetadata({ model, options }, { ...checkpoint.metadata, ...(takenFrom !== '' && { 'taken from': takenFrom }) }),
          format: 'pt',
        };
        await writeWhole(output, parts(safetensorsHeader(shapes, { metadata, dtype: saved }), stored, saved, output));
        return { file, takenFrom: takenFrom || null, output, model, classes, tensors: stored.size, dtype: saved };
      };
      const written = await withCheckpoint(file, write, state);
      if (json) printJson(written);
      else print(`${output}: ${written.tensors} tensors of ${written.model}, ${written.dtype}`);
    });
}

/** The file's bytes, a tensor at a time. Says on stderr how far it is. */
async function* parts(
  header: Uint8Array,
  tensors: ReadonlyMap<string, Stored>,
  dtype: SavedDtype,
  output: string,
): AsyncGenerator<Uint8Array> {
  yield header;
  const shown = progress();
  let done = 0;
  try {
    for (const stored of tensors.values()) {
      yield encodeFloats((await stored.read()).data, dtype);
      shown.show(`${output}: ${Math.floor((100 * ++done) / tensors.size)} % of the tensors written`);
    }
  } finally {
    shown.clear();
  }
}
