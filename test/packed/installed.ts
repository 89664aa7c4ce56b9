import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const project = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** A cat, which the network that ships knows. */
export const cat = join(project, 'assets/images/chelsea.png');

/** A folder of a user's, with nothing in it but the package and what it depends on. */
export interface Installed {
  readonly folder: string;
  /** Copies a file or a folder of examples/ to a place in it. @returns its path */
  copyExample(name: string, to: string): Promise<string>;
  remove(): Promise<void>;
}

/** Packs what is built, and installs the tarball; dependencies come from the registry or npm's cache. */
export async function installPacked(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'senet-packed-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true });
  try {
    const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: project });
    const [{ filename }] = JSON.parse(packed.stdout) as [{ readonly filename: string }];
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    await run('npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', `./${filename}`], { cwd: folder });
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    folder,
    async copyExample(name, to) {
      await cp(join(project, 'examples', name), join(folder, to), { recursive: true });
      return join(folder, to);
    },
    remove,
  };
}
