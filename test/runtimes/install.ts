import { existsSync } from 'node:fs';

/** Before the tests: Deno and Bun, where they are missing. */
export default async function setup(): Promise<void> {
  const { binaries, install, runtimePackages } = await import(new URL('../../dist/bench/runtimes.js', import.meta.url).href);
  if (!existsSync(binaries.deno) || !existsSync(binaries.bun)) install(runtimePackages);
}
