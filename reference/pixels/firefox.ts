import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { SenetError, UnsupportedError } from '../../src/errors.js';
import { blank, serveRoot } from '../chromiumServer.js';

/** Firefox as a system installs it, which playwright does not drive: it opens a page of ours, which calls a function and posts what that gives. */
export interface Called<T> {
  readonly value: T;
  /** Such as `Firefox 153.8.0esr`. */
  readonly version: string;
}

/**
 * Calls a module's function in a page. Module, as `/dist/...`, arguments and value go as JSON.
 *
 * @throws UnsupportedError that says what to install where there is no Firefox; SenetError with what the page threw, or if nothing comes of it
 */
export async function callInFirefox<T>(module: string, name: string, ...args: readonly unknown[]): Promise<Called<T>> {
  const program = findFirefox();
  const { stdout } = await promisify(execFile)(program, ['--version']);
  let post: (posted: string) => void = () => {};
  const posted = new Promise<string>((resolve) => {
    post = resolve;
  });
  const server = await serveRoot({
    '/call': (_, response) => void response.setHeader('Content-Type', 'text/html').end(caller(module, name)),
    '/arguments': (_, response) => void response.end(JSON.stringify(args)),
    '/answer': async (request, response) => {
      post(await text(request));
      response.end();
    },
  });
  const profile = await mkdtemp(join(tmpdir(), 'senet-firefox-'));
  let browser: ChildProcess | undefined;
  try {
    await writeFile(join(profile, 'user.js'), preferences);
    browser = spawn(program, ['--headless', '--no-remote', '--profile', profile, `${server.origin}/call`], { stdio: 'ignore' });
    const { value, error } = JSON.parse(await Promise.race([posted, endOf(browser)])) as { readonly value?: T; readonly error?: string };
    if (error !== undefined) throw new SenetError(`Firefox: ${error}`);
    return { value: value as T, version: stdout.trim().replace(/^Mozilla /, '') };
  } finally {
    await end(browser);
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

/** A fresh profile asks nobody for anything: no updates, no reports, no lists. */
const preferences = Object.entries({
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
})
  .map(([name, value]) => `user_pref("${name}", ${value});\n`)
  .join('');

const patience = 120_000;

/** @throws SenetError when it ends by itself, or takes too long: it is waited for no longer */
async function endOf(browser: ChildProcess): Promise<never> {
  const late = AbortSignal.timeout(patience);
  const [code] = await once(browser, 'exit', { signal: late }).catch((error: unknown) => {
    throw late.aborted ? new SenetError(`Firefox gave no answer in ${patience / 1000} s`) : error;
  });
  throw new SenetError(`Firefox ended without an answer (${code})`);
}

async function end(browser: ChildProcess | undefined): Promise<void> {
  if (browser?.pid === undefined || browser.exitCode !== null || browser.signalCode !== null) return;
  const ended = once(browser, 'exit');
  browser.kill();
  await ended;
}

/** $SENET_FIREFOX, or Debian's. */
function findFirefox(): string {
  const asked = process.env.SENET_FIREFOX;
  const found = (asked === undefined ? ['/usr/bin/firefox-esr', '/usr/bin/firefox'] : [asked]).find((path) => existsSync(path));
  if (found === undefined)
    throw new UnsupportedError(
      `no Firefox ${asked === undefined ? 'at /usr/bin/firefox-esr' : `at ${asked}, which SENET_FIREFOX names`}: apt-get install firefox-esr`,
    );
  return found;
}
