import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateCommand } from '../../src/cli/commands/evaluate.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { text } from '../../test/support/files/bytes.js';
import { bulkJson, nearlyLines } from '../make/json.js';
import { mutated } from '../make/mutate.js';
import type { Reader } from '../reader.js';
import { runIn } from './command.js';
import { goodPictures } from './pictures.js';
import { small, smallWeights } from './small.js';

/** Journals of `senet evaluate`, resumed: the whole command, on three images. */

/** Stands in a case for the first line, which names the work: that differs by where the images lie. */
const head = JSON.stringify({ evaluation: '0'.repeat(64) });

const bulkOnce = 100;

export async function openJournals(): Promise<Reader> {
  const files = {
    'weights.safetensors': saveSafetensors(smallWeights(), { metadata: { 'senet.model': small } }),
    'a.png': goodPictures().png[0] as Uint8Array,
    list: text('a.png 0\na.png 3\na.png 9\n'),
  };
  const folder = mkdtempSync(join(tmpdir(), 'senet-fuzz-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  const journal = join(folder, 'journal.jsonl');
  const evaluate = (...more: readonly string[]): Promise<void> =>
    runIn(
      evaluateCommand(),
      join(folder, 'list'),
      '--model',
      small,
      '--weights',
      join(folder, 'weights.safetensors'),
      '--journal',
      journal,
      ...more,
    );
  await evaluate();
  const [ownHead = '', ...entries] = readFileSync(journal, 'utf8').trimEnd().split('\n');
  return {
    make: (draw) => {
      if (draw.once(bulkOnce)) return { journal: bulkJson(draw.pick([2 ** 14, 2 ** 17]), draw) };
      return {
        journal: draw.once(8)
          ? mutated(text([head, ...entries].join('\n')), draw)
          : nearlyLines(draw.once(6) ? [head, ...entries] : entries, draw, draw.once(12) ? undefined : head),
      };
    },
    baseMs: 200, // the network is read and compiled
    async read({ journal: bytes }) {
      const content = Buffer.from(bytes as Uint8Array);
      writeFileSync(journal, content.indexOf(head) === 0 ? Buffer.concat([Buffer.from(ownHead), content.subarray(head.length)]) : content);
      await evaluate('--report', join(folder, 'report.html'));
    },
  };
}
