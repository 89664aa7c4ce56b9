import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SenetError } from '../../src/errors.js';
import { blank, type ServeOptions, serveRoot } from '../chromiumServer.js';

/** A function of a module, as `/dist/...`, that a browser calls in a page. Arguments and value go as JSON. */
export interface Call extends ServeOptions {
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
  /** Seconds until the browser is given up. @defaultValue 120 */
  readonly patience?: number;
}

/** What it gave. */
export interface Called<T> {
  readonly value: T;
  /** Such as `Firefox 153.8.0esr`. */
  readonly version: string;
}

/**
 * For browsers that playwright does not drive: `open` starts one at a page of ours, with an empty folder for its profile. The page calls the function and
 * posts what that gives. Then the browser is ended by a signal.
 *
 * @throws SenetError with what the page threw, or if nothing comes of it
 */
export async function callInBrowser<T>(
  browser: string,
  { module, name, args, patience = 120, ...options }: Call,
  open: (url: string, profile: string) => Promise<ChildProcess>,
): Promise<T> {
  let post: (posted: string) => void = () => {};
  const posted = new Promise<string>((resolve) => {
    post = resolve;
  });
  const server = await serveRoot(
    {
      '/call': (_, response) => void response.setHeader('Content-Type', 'text/html').end(caller(module, name)),
      '/arguments': (_, response) => void response.end(JSON.stringify(args)),
      '/answer': async (request, response) => {
        post(await text(request));
        response.end();
      },
    },
    options,
  );
  const profile = await mkdtemp(join(tmpdir(), 'senet-browser-'));
  let opened: ChildProcess | undefined;
  try {
    opened = await open(`${server.origin}/call`, profile);
    const told = await Promise.race([posted, endOf(browser, opened, patience)]);
    const { value, error } = JSON.parse(told) as { readonly value?: T; readonly error?: string };
    if (error !== undefined) throw new SenetError(`${browser}: ${error}`);
    return value as T;
  } finally {
    await end(opened);
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const caller = (module: string, name: string): string => `${blank}
<script type="module">
  const call = async () => {
    const [{ ${name} }, args] = await Promise.all([import('${module}'), fetch('/arguments').then((response) => response.json())]);
    return await ${name}(...args);
  };
  const body = await call().then((value) => JSON.stringify({ value }), (error) => JSON.stringify({ error: String(error) }));
  await fetch('/answer', { method: 'POST', body });
</script>`;

/** @throws SenetError when it ends by itself, or takes too long: it is waited for no longer */
async function endOf(browser: string, opened: ChildProcess, patience: number): Promise<never> {
  const late = AbortSignal.timeout(patience * 1000);
  const [code] = await once(opened, 'exit', { signal: late }).catch((error: unknown) => {
    throw late.aborted ? new SenetError(`${browser} gave no answer in ${patience} s`) : error;
  });
  throw new SenetError(`${browser} ended without an answer (${code})`);
}

/** Ends a process by a signal, unless it has ended, and waits for its end. */
export async function end(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
