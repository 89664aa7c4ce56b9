import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Start } from './jobs.js';
import { enginesFolder, root } from './runtimes.js';

/** The packages that a user of each peer installs. */
const packages: Readonly<Record<Exclude<Start['engine'], 'senet'>, { readonly from: string; readonly names: readonly string[] }>> = {
  tfjs: { from: root, names: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'] },
  ort: { from: root, names: ['onnxruntime-web'] },
  litert: { from: root, names: ['@litertjs/core'] },
  'ort-native': { from: enginesFolder, names: ['onnxruntime-node'] },
};

/** Unpacked bytes of an engine's packages and all that those depend on. */
export function packageBytes(engine: Start['engine']): number {
  if (engine === 'senet') return packedBytes() + closureBytes(root, dependenciesOf(root));
  const { from, names } = packages[engine];
  return closureBytes(from, names);
}

/** What `npm pack` would put into our own package. */
function packedBytes(): number {
  const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' });
  return (JSON.parse(listing) as [{ unpackedSize: number }])[0].unpackedSize;
}

function closureBytes(from: string, names: readonly string[]): number {
  const folders = new Set<string>();
  const visit = (base: string, name: string): void => {
    const folder = resolve(base, name);
    if (folders.has(folder)) return;
    folders.add(folder);
    for (const dependency of dependenciesOf(folder)) visit(folder, dependency);
  };
  for (const name of names) visit(from, name);
  return [...folders].reduce((sum, folder) => sum + folderBytes(folder), 0);
}

const dependenciesOf = (folder: string): readonly string[] =>
  Object.keys((JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies?: object }).dependencies ?? {});

/** A package as Node finds it: in the nearest node_modules upwards. */
function resolve(base: string, name: string): string {
  const folder = join(base, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (dirname(base) === base) throw new Error(`${name} is not installed`);
  return resolve(dirname(base), name);
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + folderBytes(path);
    return sum + statSync(path).size;
  }, 0);
}
