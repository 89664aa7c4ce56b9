import { readFileSync } from 'node:fs';
import { averagePrecisionOf } from '../../src/detect/ap/evaluation.js';
import { readDetections, readGroundTruth } from '../../src/detect/ap/files.js';
import { groundTruthOf } from '../../src/detect/ap/groundTruth.js';
import { bulkJson, nearlyJson } from '../make/json.js';
import { root } from '../place.js';
import type { Reader } from '../reader.js';

/** Ground truth and detections that `senet ap` compares. */

const bulkOnce = 300;
const sizes = [2 ** 14, 2 ** 17, 2 ** 19];

const shipped = (name: string): string => readFileSync(new URL(`test/fixtures/detection/coco/${name}`, root), 'utf8');

export async function openDetections(): Promise<Reader> {
  const good = {
    'truth.json': shipped('coco-gt.json'),
    'found.json': JSON.stringify((JSON.parse(shipped('coco-dt.json')) as unknown[]).slice(0, 30)),
  };
  return {
    make(draw) {
      const damaged = draw.pick(['truth.json', 'found.json'] as const);
      const entries = Object.entries(good).map(([name, text]) => {
        const bytes = new TextEncoder().encode(text);
        return [name, name !== damaged ? bytes : draw.once(bulkOnce) ? bulkJson(draw.pick(sizes), draw) : nearlyJson(text, draw)] as const;
      });
      return Object.fromEntries(entries);
    },
    async read(files) {
      const truth = groundTruthOf(readGroundTruth(files['truth.json'] as Uint8Array));
      averagePrecisionOf(truth, readDetections(files['found.json'] as Uint8Array, truth));
    },
  };
}
