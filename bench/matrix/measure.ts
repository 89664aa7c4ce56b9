import { cpus } from 'node:os';
import { UnsupportedError } from '../../src/errors.js';
import type { Answer, Task } from './answer.js';
import type { Place } from './places.js';

/** What a row of docs/runtimes.md says. */
export interface Measured extends Pick<Place, 'where' | 'switched'> {
  readonly version: string;
  /** Or why there is none. */
  readonly answer: Answer | string;
}

export interface MatrixResult {
  readonly date: string;
  readonly machine: string;
  readonly rows: readonly Measured[];
  /** Runtimes that are not here, and how to have them. */
  readonly missing: readonly string[];
}

/** Runs the task in all places, one after the other. */
export async function measure(places: readonly Place[], task: Task, date: string, progress: (text: string) => void): Promise<MatrixResult> {
  const rows: Measured[] = [];
  const missing = new Set<string>();
  for (const { name, where, switched, slow = false, open } of places) {
    const label = [name, where, switched].filter(Boolean).join(', ');
    try {
      rows.push({ where, switched, ...(await open(slow ? withoutLarge(task) : task)) });
      progress(label);
    } catch (error) {
      const { message } = error as Error;
      progress(`${label}: ${message}`);
      if (error instanceof UnsupportedError) missing.add(message);
      else rows.push({ where, switched, version: name, answer: message }); // the other places are measured all the same
    }
  }
  const machine = `${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${process.platform} ${process.arch}`;
  return { date, machine, rows, missing: [...missing] };
}

/** VGG-16 has 138 million weights. */
const large = 'torchvision/vgg16_bn';

const withoutLarge = (task: Task): Task => ({ ...task, vectors: [], networks: task.networks.filter(({ id }) => id !== large) });
