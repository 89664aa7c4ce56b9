import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { SenetError, UnsupportedError } from '../../src/errors.js';
import { type Call, type Called, callInBrowser, end } from './called.js';

/**
 * Calls a module's function in a page of WebKitGTK's small browser, on a screen in memory.
 *
 * @param options of JavaScriptCore, as it reads them from the environment: `JSC_` and a name
 * @throws UnsupportedError that says what to install where there is no WebKitGTK; SenetError with what the page threw, or if nothing comes of it
 */
export async function callInWebKit<T>(call: Call, options: Readonly<Record<string, boolean>> = {}): Promise<Called<T>> {
  const program = findWebKit();
  const screen = spawn(xvfb, ['-displayfd', '3', '-screen', '0', '800x600x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  try {
    const asked = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
    const env = { ...process.env, DISPLAY: await displayOf(screen), ...asked };
    const { stdout } = await promisify(execFile)(program, ['--version'], { env });
    const value = await callInBrowser<T>('WebKitGTK', call, async (url, profile) =>
      spawn(program, [url], { env: { ...env, HOME: profile, XDG_CACHE_HOME: profile, XDG_DATA_HOME: profile }, stdio: 'ignore' }),
    );
    return { value, version: stdout.trim() };
  } finally {
    await end(screen);
  }
}

/** Which number it took. @throws SenetError if it ends without one */
async function displayOf(screen: ChildProcess): Promise<string> {
  const told = once(screen.stdio[3] as Readable, 'data').then(([number]) => `:${String(number).trim()}`);
  const ended = once(screen, 'exit').then(([code]) => {
    throw new SenetError(`Xvfb ended before it had a screen (${code})`);
  });
  return Promise.race([told, ended]);
}

const xvfb = '/usr/bin/Xvfb';

/** Debian has one for each GTK and machine. */
const browsers = ['x86_64', 'aarch64'].flatMap((machine) =>
  ['4.1', '4.0'].map((version) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-${version}/MiniBrowser`),
);

/** $SENET_WEBKIT, or Debian's. */
function findWebKit(): string {
  const asked = process.env.SENET_WEBKIT;
  const found = (asked === undefined ? browsers : [asked]).find((path) => existsSync(path));
  if (found === undefined || !existsSync(xvfb))
    throw new UnsupportedError(
      `no WebKitGTK ${asked === undefined ? 'or no Xvfb' : `at ${asked}, which SENET_WEBKIT names, or no Xvfb`}: apt-get install webkit2gtk-driver xvfb`,
    );
  return found;
}
