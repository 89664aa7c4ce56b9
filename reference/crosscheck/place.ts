import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import type { Engine } from './engine.js';
import type { Origin, Result } from './result.js';

const require = createRequire(import.meta.url);
const manifest: string = require.resolve('senet/package.json');

/** The package's root, from the build and from the source alike. */
export const root = dirname(manifest);

/** Where our engines run. */
export const here = { version: require(manifest).version as string, runtime: `Node ${process.versions.node}` };

export const machineFacts = (): Result['host'] => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  node: process.versions.node,
  v8: process.versions.v8,
});

export const today = (): string => new Date().toISOString().slice(0, 10);

/** `tfjs-wasm`; a GPU's back end is there once for each runtime: `tfjs-webgpu in Chromium`. */
export const labelOf = ({ engine, runtime, adapter }: Pick<Engine, 'engine' | 'runtime' | 'adapter'>): string =>
  adapter === undefined ? engine : `${engine} in ${runtime.split(' ', 1)[0]}`;

/** What is kept of an engine. */
export const originOf = (engine: Engine & Pick<Origin, 'precision'>): Origin => ({
  engine: engine.engine,
  version: engine.version,
  runtime: engine.runtime,
  ...(engine.adapter !== undefined && { adapter: engine.adapter }),
  ...(engine.precision !== undefined && { precision: engine.precision }),
});

/** For a file's name: `tfjs-webgpu-in-chromium`. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
