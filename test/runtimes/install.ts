import { existsSync } from 'node:fs';

/** Before the tests: Node 26, Deno and Bun, where they are missing. */
export default async function setup(): Promise<void> {
  const { binaries, install, runtimePackages } = (await import(
    new URL('../../dist/bench/runtimes.js', import.meta.url).href
  )) as typeof import('../../bench/runtimes.js');
  if (!Object.values(binaries).every((path) => existsSync(path))) install(runtimePackages);
}
