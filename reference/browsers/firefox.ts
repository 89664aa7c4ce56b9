import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UnsupportedError } from '../../src/errors.js';
import { type Call, type Called, callInBrowser } from './called.js';

/**
 * Calls a module's function in a page of Firefox as a system installs it.
 *
 * @param preferences more of Firefox's own, by name
 * @throws UnsupportedError that says what to install where there is no Firefox; SenetError with what the page threw, or if nothing comes of it
 */
export async function callInFirefox<T>(call: Call, preferences: Readonly<Record<string, boolean>> = {}): Promise<Called<T>> {
  const program = findFirefox();
  const { stdout } = await promisify(execFile)(program, ['--version']);
  const value = await callInBrowser<T>('Firefox', call, async (url, profile) => {
    await writeFile(join(profile, 'user.js'), preferencesFile({ ...quiet, ...preferences }));
    return spawn(program, ['--headless', '--no-remote', '--profile', profile, url], { stdio: 'ignore' });
  });
  return { value, version: stdout.trim().replace(/^Mozilla /, '') };
}

/** A fresh profile asks nobody for anything: no updates, no reports, no lists. */
const quiet = {
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
};

const preferencesFile = (preferences: Readonly<Record<string, boolean>>): string =>
  Object.entries(preferences)
    .map(([name, value]) => `user_pref("${name}", ${value});\n`)
    .join('');

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
