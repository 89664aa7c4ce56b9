import { WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { likelihood } from '../io/stateNames.js';
import type { StateDict, Stored, TensorFile } from '../io/tensorFile.js';
import { findDetector, listDetectors } from '../models/detection/index.js';
import type { DetectionModel } from '../models/detection/model.js';
import type { Shape } from '../tensor.js';
import { compareTensors, type Differing, differences, differencesText, othersIn } from './misfits.js';
import { dictsOf, plainNames } from './state.js';
import { shaped } from './weights.js';

/** Which detector a file is of. */
export interface IdentifiedDetector {
  /** `source/name`. */
  readonly model: string;
  /** Categories and, as class 0, the background. */
  readonly classes: number;
  /** ε of the body's batch norms, where the file tells that it is not that of the published weights. */
  readonly eps?: number;
  /** Where in the file the weights lie; empty if at the top. */
  readonly takenFrom: string;
  /** Detectors that have the same tensors and are run in another way. */
  readonly same: readonly string[];
  /** The file's tensors that the detector has no place for. */
  readonly ignored: readonly string[];
  /** The detector's tensors, under its names and in its order and shapes. */
  readonly stored: ReadonlyMap<string, Stored>;
}

/** What can be said of a file with a detector's tensors, whether or not they are of one that is known. */
export interface DetectorInspection {
  /** Where in the file the tensors lie; empty if at the top. */
  readonly takenFrom: string;
  /** The tensors, under the names of today and without counters. */
  readonly tensors: ReadonlyMap<string, Stored>;
  /** How they fit the detector that comes nearest. */
  readonly nearest: DetectorFit;
  /** The detector that they fit in every tensor. */
  readonly match?: IdentifiedDetector;
}

/** A file that `openCheckpoint` reads. */
type DetectorFile = Pick<TensorFile, 'format' | 'metadata' | 'tensors' | 'states'>;

/**
 * Which of the zoo's detectors a file is of: its names and shapes say so, no value is read. Of detectors with the same tensors it is the first, unless `name` says
 * another. Files of torchvision before 0.13 have other names for the pyramid and the proposal head (docs/spec/checkpoints.md §2.5).
 *
 * @throws WeightsError if none fits in every tensor, saying what differs in the nearest; InputError for an unknown name
 */
export function identifyDetector(file: DetectorFile, name?: string): IdentifiedDetector {
  const inspection = inspectDetector(file, name);
  if (inspection?.match === undefined) throw notADetector(inspection?.nearest, name);
  return inspection.match;
}

/** The same, of a file of which it need not be true. @returns undefined where no tensor has a detector's name @throws InputError for an unknown name */
export function inspectDetector(file: DetectorFile, name?: string): DetectorInspection | undefined {
  const models = name === undefined ? listDetectors() : [findDetector(name)];
  const places = dictsOf(file)
    .flatMap((dict) => placeOf(dict) ?? [])
    .sort((a, b) => likelihood(a.takenFrom) - likelihood(b.takenFrom));
  const inspected = places.map((place): DetectorInspection => {
    const fits = models.map((model) => fitOf(model, place.tensors)).sort((a, b) => differences(a) - differences(b));
    const [nearest, ...others] = fits as [DetectorFit, ...DetectorFit[]];
    const { takenFrom, tensors } = place;
    if (differences(nearest) > 0) return { takenFrom, tensors, nearest };
    const same = others.filter((fit) => differences(fit) === 0);
    return { takenFrom, tensors, nearest, match: identified(place, nearest, same) };
  });
  return inspected.find(({ match }) => match) ?? inspected.toSorted((a, b) => differences(a.nearest) - differences(b.nearest))[0];
}

/** Whether a file has a tensor under a name that only detectors have: `identifyDetector` tells whether one fits. */
export const namesDetector = (file: Pick<TensorFile, 'format' | 'metadata' | 'tensors' | 'states'>): boolean =>
  dictsOf(file).some((dict) => placeOf(dict) !== undefined);

/** A detector's tensors in a file, under the names of today. */
interface Place {
  readonly takenFrom: string;
  readonly tensors: ReadonlyMap<string, Stored>;
  /** Batch norms have counters, as those that are not frozen. */
  readonly counted: boolean;
}

/** A name that only a detector's tensors have. */
const teller = /(?:^|\.)(?=(?:backbone\.(?:body|fpn)|rpn\.head|roi_heads)\.)/;
const counter = /\.num_batches_tracked$/;

/** @returns undefined where no tensor has a detector's name */
function placeOf(dict: StateDict): Place | undefined {
  const names = plainNames(dict);
  const told = [...names.keys()].map((name) => teller.exec(name)).find((match) => match !== null);
  if (told === undefined) return undefined;
  const prefix = told.input.slice(0, told.index + told[0].length);
  const own = [...names].filter(([plain, written]) => plain.startsWith(prefix) && dict.tensors.has(written));
  return {
    takenFrom: [dict.path, prefix.slice(0, -1)].filter((part) => part !== '').join('.'),
    tensors: new Map(
      own
        .filter(([plain]) => !counter.test(plain))
        .map(([plain, written]) => [todays(plain.slice(prefix.length)), dict.tensors.get(written) as Stored]),
    ),
    counted: own.some(([plain]) => counter.test(plain)),
  };
}

/** What a name of torchvision before 0.13 is today: its convolutions lay bare, where they are the first of a sequence now. */
const todays = (name: string): string =>
  name
    .replace(/^(backbone\.fpn\.(?:inner|layer)_blocks\.\d+)\.(weight|bias)$/, '$1.0.$2')
    .replace(/^rpn\.head\.conv\.(weight|bias)$/, 'rpn.head.conv.0.0.$1');

/** How a file's tensors fit a detector, with as many classes as the file has. */
export interface DetectorFit extends Differing {
  readonly model: DetectionModel;
  /** Categories and the background: as many as the file has rows for. */
  readonly classes: number;
  /** Names that the file has and the detector has not, in the detector's modules: they are another's. */
  readonly extra: readonly string[];
  /** Those in other modules. */
  readonly ignored: readonly string[];
}

const predictor = 'roi_heads.box_predictor';

function fitOf(model: DetectionModel, tensors: ReadonlyMap<string, Stored>): DetectorFit {
  const rows = tensors.get(`${predictor}.cls_score.weight`)?.shape[0];
  const graph = smallest(model, rows !== undefined && rows >= 1 ? { classes: rows } : {});
  const expected = new Map(parameters(graph).map(({ name, shape }) => [name, shape]));
  const classes = (expected.get(`${predictor}.cls_score.weight`) as Shape)[0] as number;
  const others = othersIn(tensors, expected);
  const [extra, ignored] = [others.filter(isOwn), others.filter((name) => !isOwn(name))];
  return { model, classes, ...compareTensors(expected, tensors), extra, ignored };
}

/** The parameters do not depend on the image's size. */
const smallest = (model: DetectionModel, options: { readonly classes?: number }): Graph =>
  model.create({ size: [64, 64], regions: 1, ...options });

/** A body's tensors of other kinds make it another network; what lies outside the detector's modules does not. */
const isOwn = (name: string): boolean => /^(backbone|rpn|roi_heads)\./.test(name);

/** That of PyTorch's batch norm. */
const usualEps = 1e-5;

function identified(
  { tensors, takenFrom, counted }: Place,
  { model, classes, ignored }: DetectorFit,
  same: readonly DetectorFit[],
): IdentifiedDetector {
  const graph = smallest(model, { classes });
  return {
    model: model.id,
    classes,
    ...(model.frozen && counted && { eps: usualEps }),
    takenFrom,
    same: same.map((other) => other.model.id),
    ignored,
    stored: new Map(parameters(graph).map(({ name, shape }) => [name, shaped(tensors.get(name) as Stored, shape)])),
  };
}

function notADetector(nearest: DetectorFit | undefined, name: string | undefined): WeightsError {
  if (nearest === undefined)
    return new WeightsError("the tensors are no detector's: none is below backbone.body, backbone.fpn, rpn.head or roi_heads");
  const which = name === undefined ? 'no detector here; nearest is' : 'not those of';
  return new WeightsError(`the tensors are ${which} ${nearest.model.id}: ${differencesText(nearest, 'detector')}`);
}
