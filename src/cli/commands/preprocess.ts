import { Command, Option } from 'commander';
import { centreCrop, type Filter, filters, resizeShorter } from '../../io/resize.js';
import { readImage, writePng } from '../../node/images/image.js';
import { print, printJson } from '../../node/output.js';
import { checkOutput } from '../checkOutput.js';
import { count, tolerantOption } from '../options.js';

interface PreprocessFlags {
  readonly resize: number;
  readonly filter: Filter;
  readonly crop: number;
  readonly output: string;
  readonly tolerant?: boolean;
  readonly json?: true;
}

/** `senet preprocess IMAGE -o OUT.png`: the pixels that a network would see, before mean and standard deviation. */
export function preprocessCommand(): Command {
  return new Command('preprocess')
    .description('resize and crop an image as torchvision does, bit for bit, and write it as PNG')
    .argument('<image>', 'a JPEG, PNG or WebP file')
    .option('--resize <pixels>', 'the shorter side after resizing', count, 256)
    .addOption(new Option('--filter <name>', 'how to interpolate, antialiased').choices(filters).default('bilinear'))
    .option('--crop <pixels>', 'the side of the square cut from the middle', count, 224)
    .addOption(tolerantOption())
    .requiredOption('-o, --output <file>', 'the PNG file to write')
    .option('--json', 'print what was written as JSON')
    .action(run);
}

async function run(file: string, { resize, filter, crop, output, tolerant = false, json }: PreprocessFlags): Promise<void> {
  await checkOutput('--output', output, ['.png'], [file]);
  const pixels = centreCrop(resizeShorter(await readImage(file, { tolerant }), resize, filter), crop);
  await writePng(output, pixels);
  const { width, height } = pixels;
  if (json) printJson({ file, output, width, height });
  else print(`${output}: ${width}×${height}`);
}
