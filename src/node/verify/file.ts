import { InputError, SenetError, ShapeError } from '../../errors.js';
import type { Kind } from '../../io/schema.js';
import type { NetworkFigures, Verdict, VerdictKind } from '../../report/verdict.js';
import type { Check } from '../../verify/check.js';
import { readJsonAs } from '../json.js';
import { asset } from '../package.js';
import { verifyDetector } from './detector.js';
import { verifyNetwork } from './network.js';
import { verifyOperators } from './operators.js';
import type { VerifyOptions } from './options.js';
import { verifyQuantised } from './quantised.js';
import { verifyTraining } from './training.js';
import { verifyViews } from './tta.js';

/** The vectors that ship in the package. */
export const shippedVectors = ['resnet-50', 'se-resnet-50', 'se-resnext-50'].map((name) => asset(`conformance/${name}.json`));

interface Outcome {
  readonly checks: readonly Check[];
  readonly figures?: NetworkFigures;
  /** What a part of the file could not be run for. */
  readonly error?: string;
}

interface FileKind {
  readonly kind: VerdictKind;
  /** A file is of the first kind that has all keys of one of these lists in it. */
  readonly keys: readonly (readonly string[])[];
  readonly verify: (file: string, json: unknown, options: VerifyOptions) => Promise<Outcome>;
}

const checksOnly =
  (verify: (file: string, json: unknown, options: VerifyOptions) => Promise<readonly Check[]>): FileKind['verify'] =>
  async (file, json, options) => ({ checks: await verify(file, json, options) });

/** What files of expectations there are, told by what they hold. */
const kinds: readonly FileKind[] = [
  { kind: 'tta', keys: [['nets', 'crops']], verify: checksOnly(verifyViews) },
  { kind: 'detector', keys: [['model', 'proposals', 'detections']], verify: checksOnly(verifyDetector) },
  {
    kind: 'detection-ops',
    keys: ['anchors', 'boxCoder', 'clip', 'nms', 'rpn', 'roi', 'fpn', 'transform', 'postprocess'].map((key) => [key]),
    verify: checksOnly(verifyOperators),
  },
  { kind: 'training', keys: [['source', 'losses', 'tensors']], verify: checksOnly(verifyTraining) }, // has the keys of `network` too
  { kind: 'network', keys: [['source', 'logits']], verify: verifyNetwork },
  { kind: 'quantised', keys: [['layout', 'cases']], verify: checksOnly(verifyQuantised) },
  { kind: 'onnx', keys: [['seed', 'models']], verify: async (...given) => (await import('./onnx.js')).verifyOnnx(...given) },
];

const expectations: Kind<Readonly<Record<string, unknown>>> = {
  what: 'a file of expectations',
  read(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InputError('expected an object of expectations');
    return value as Readonly<Record<string, unknown>>;
  },
};

/**
 * Runs one file. Whatever goes wrong with it is part of its verdict; `badInput` says that the file, not the network, is to blame.
 *
 * @param listed what it is expected to give, if it is an ONNX file. @defaultValue what the file holds
 */
export async function verify(
  file: string,
  options: VerifyOptions,
  listed?: Readonly<Record<string, unknown>>,
): Promise<{ readonly verdict: Verdict; readonly badInput: boolean }> {
  const how =
    options.engine === 'wasm' ? { engine: options.engine, algorithms: options.algorithms ?? 'direct' } : { engine: options.engine };
  let kind: VerdictKind | undefined;
  try {
    const json = listed ?? (await readJsonAs(file, expectations));
    const found = kindOf(json);
    kind = found.kind;
    const { checks, figures, error } = await found.verify(file, json, options);
    const pass = checks.length > 0 && checks.every((check) => check.pass);
    return { verdict: { file, kind, ...how, ...figures, pass, checks, ...(error !== undefined && { error }) }, badInput: false };
  } catch (error) {
    if (!(error instanceof SenetError)) throw error;
    const none: NetworkFigures | undefined =
      kind === undefined || kind === 'network' ? { model: '', parameters: null, relativeError: null, gates: {} } : undefined;
    const verdict: Verdict = { file, kind: kind ?? 'unknown', ...how, ...none, pass: false, checks: [], error: error.message };
    return { verdict, badInput: error instanceof InputError || error instanceof ShapeError };
  }
}

/** @throws InputError for a file of no kind */
function kindOf(json: Readonly<Record<string, unknown>>): FileKind {
  const found = kinds.find(({ keys }) => keys.some((all) => all.every((key) => Object.hasOwn(json, key))));
  if (found) return found;
  if (Object.hasOwn(json, 'annotations') && Object.hasOwn(json, 'images'))
    throw new InputError('expected what a network should compute, found ground truth of detection: `senet ap` takes it, with detections');
  const known = kinds.map(({ kind, keys }) => `${kind} (${keys.map((all) => all.join(' and ')).join(', or ')})`).join('; ');
  throw new InputError(
    `expected a file of one of these kinds, by its keys: ${known}; found the keys ${Object.keys(json).slice(0, 12).join(', ') || 'of an empty object'}`,
  );
}
