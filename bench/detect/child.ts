import { findDetector } from '../../src/models/detection/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { note } from '../../src/node/output.js';
import { measure } from './measure.js';

/** What a process of the bench is told, as JSON in its only argument. */
export interface DetectTask {
  readonly model: string;
  readonly rounds: number;
  /** Vectors are to be paired, or nothing is timed. */
  readonly paired: boolean;
}

const { model, rounds, paired } = JSON.parse(process.argv[2] ?? '') as DetectTask;
enableRelaxed();
const rows = await measure(findDetector(model).id, { rounds, paired, progress: note });
process.stdout.write(JSON.stringify(rows), () => process.exit());
