import { Command } from 'commander';
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { enableRelaxed } from '../src/cli/engine.js';
import { type Host, hostFacts } from '../src/cli/host.js';
import { print } from '../src/cli/output.js';
import { version } from '../src/cli/package.js';
import { writeWhole } from '../src/cli/writeWhole.js';

export interface Flags {
  readonly data: string;
  readonly weights?: string;
}

/** Where a finding comes from. */
export interface Origin {
  readonly finding: string;
  readonly date: string;
  readonly command: string;
  readonly senet: string;
  readonly host: Host;
  /** Said wherever an accuracy is printed. */
  readonly images: string;
}

/** The flags of a finding's command, and the head of its result. */
export function begin(finding: string): { readonly flags: Flags; readonly origin: Origin } {
  enableRelaxed();
  const flags = new Command()
    .requiredOption('--data <folder>', 'the images, in train/ and test/')
    .option('--weights <file>', 'a checkpoint (default: the network that ships)')
    .parse()
    .opts<Flags>();
  const origin = {
    finding,
    date: new Date().toISOString().slice(0, 10),
    command: `npm run finding:${finding}`,
    senet: version,
    host: hostFacts(),
    images: 'CIFAR-10, its pixels re-encoded as JPEG: close to, but not, the published images',
  };
  return { flags, origin };
}

/** Writes findings/results/FINDING.json, for `senet report`. */
export async function finish(result: Origin): Promise<void> {
  const folder = fileURLToPath(new URL('../../findings/results/', import.meta.url));
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${result.finding}.json`);
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
  await writeWhole(file, `${JSON.stringify(result, short, 1)}\n`);
  print(`${file}: \`senet report\` draws it`);
}
