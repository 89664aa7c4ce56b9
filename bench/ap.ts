import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { enableRelaxed } from '../src/node/engine.js';
import { machineFacts } from '../src/node/machine.js';
import { note, print } from '../src/node/output.js';
import { writeWhole } from '../src/node/writeWhole.js';
import { machineLine } from '../src/report/machine.js';
import { table } from '../src/report/table.js';
import { drawImage, groundTruthOfImages } from './apCase.js';
import { type ApResult, type ApRow, apTable } from './apChart.js';
import type { ApMeasured, ApTask } from './apChild.js';
import { runScript } from './process.js';
import { resultName } from './result.js';
import { root } from './runtimes.js';

/** `npm run bench:ap`: time and memory of COCO's average precision, from 500 images to 5,000, each in a process of its own. */

const sizes = [500, 1000, 2000, 3000, 4000, 5000];

function* detectionsText(images: number): Generator<string> {
  for (let image = 0; image < images; image++) {
    const lines = drawImage(image).detections.map((detection) => JSON.stringify(detection));
    yield `${image === 0 ? '[' : ',\n'}${lines.join(',\n')}`;
  }
  yield ']\n';
}

async function measure(from: ApTask['from'], images: number, folder: string): Promise<ApRow> {
  note(`${images} images, from ${from}`);
  const { text } = await runScript({ command: [process.execPath], label: 'Node' }, 'apChild.js', { from, images, folder } satisfies ApTask);
  return { from, images, detections: 100 * images, ...(JSON.parse(text) as ApMeasured) };
}

enableRelaxed();
const rows: ApRow[] = [];
for (const images of sizes) {
  const folder = await mkdtemp(join(tmpdir(), 'senet-ap-'));
  await writeFile(join(folder, 'truth.json'), JSON.stringify(groundTruthOfImages(images)));
  await pipeline(detectionsText(images), createWriteStream(join(folder, 'detections.json')));
  for (const from of ['files', 'images'] as const) rows.push(await measure(from, images, folder));
  await rm(folder, { recursive: true });
}
const host = machineFacts();
const result: ApResult = { date: new Date().toISOString().slice(0, 10), command: 'npm run bench:ap', host, rows };
const results = join(root, 'bench/results/ap');
await mkdir(results, { recursive: true });
await writeWhole(join(results, resultName(result)), `${JSON.stringify(result, undefined, 1)}\n`);
print(`${machineLine(host)}\n`);
print(table(apTable(result)));
