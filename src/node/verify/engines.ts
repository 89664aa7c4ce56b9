import type { Shape } from '../../tensor.js';
import { type ComparedEngines, compareEngines, type EngineRun } from '../../verify/nodewise.js';
import { note } from '../output.js';
import { progress } from '../progress.js';
import { engineRun, type VerifiedEngine } from './engineRuns.js';
import type { VerifyOptions } from './options.js';
import { type InputOrigin, type SubjectOptions, subjectOf } from './subject.js';

export interface EnginesOptions extends VerifyOptions, SubjectOptions {
  /** In the order in which they are told. */
  readonly engines: readonly VerifiedEngine[];
}

/** Engines on one network and its inputs, as `senet verify --json` tells them. */
export interface EnginesVerdict extends ComparedEngines {
  readonly file: string;
  readonly kind: 'engines';
  /** The image. */
  readonly input: { readonly shape: Shape } & InputOrigin;
  /** Other inputs, by the names that they have in the graph. */
  readonly others: Readonly<Record<string, Shape>>;
  readonly pass: boolean;
}

/**
 * Runs a network, of the zoo on generated weights or of an ONNX file, on engines, and holds each of their values to float32's bound.
 *
 * @throws InputError for what cannot be read or run; UnsupportedError for an engine that is missing, or does not run it
 */
export async function verifyEngines(file: string, options: EnginesOptions): Promise<EnginesVerdict> {
  const subject = await subjectOf(file, options);
  const { name, graph, weights, inputs, origin } = subject;
  const runs: EngineRun[] = [];
  for (const engine of options.engines) {
    note(`${file}: running ${engine}`);
    runs.push(await engineRun(engine, subject, options));
  }
  const shown = progress();
  try {
    const compared = compareEngines(graph, weights, inputs, runs, (what, done) =>
      shown.show(`${file}: ${what}, ${Math.floor(100 * done)} %`),
    );
    const [[, shape = []] = [], ...others] = Object.entries(inputs).map(([input, tensor]) => [input, tensor.shape] as const);
    return {
      file: name,
      kind: 'engines',
      input: { shape, ...origin },
      others: Object.fromEntries(others),
      ...compared,
      pass: compared.firstBeyond === null,
    };
  } finally {
    shown.clear();
  }
}
