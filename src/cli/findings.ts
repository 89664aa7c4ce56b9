import { inspectDetector } from '../checkpoints/detector.js';
import { type Checkpoint, type Inspection, inspect } from '../checkpoints/index.js';
import { count } from '../graph/count.js';
import type { Stored } from '../io/tensorFile.js';
import { detectorNamed } from '../models/detection/index.js';
import { createModel } from '../models/index.js';

/** Which network or detector a file of weights is of, and what differs. */
export interface Findings extends Pick<Inspection, 'family' | 'because' | 'takenFrom' | 'alsoIn' | 'same'> {
  readonly tensors: ReadonlyMap<string, Stored>;
  readonly detector: boolean;
  /** The one that fits; undefined if none does, or several that compute different things. */
  readonly network: string | undefined;
  /** All that fit; or the one that fits best. */
  readonly candidates: readonly string[];
  readonly parameters: number | undefined;
  /** How the nearest fits. */
  readonly nearest: Pick<Inspection['matches'][number], 'classes' | 'classifier' | 'missing' | 'extra' | 'misshapen'> | undefined;
  readonly ignored: Inspection['ignored'];
}

/** @throws InputError if no network or detector is called `model`; what `inspect` throws */
export function findingsOf(checkpoint: Checkpoint, model: string | undefined): Findings {
  const asked = model === undefined ? undefined : detectorNamed(model)?.id;
  const inspection = inspect(checkpoint, asked === undefined ? model : undefined);
  if (model !== undefined && asked === undefined) return ofNetwork(inspection);
  const ofThat = inspection.match && asked === undefined ? undefined : ofDetector(checkpoint, inspection, asked);
  return ofThat ?? ofNetwork(inspection);
}

function ofNetwork({ matches, match, ...inspection }: Inspection): Findings {
  return {
    ...inspection,
    detector: false,
    network: match?.model,
    candidates: matches.map(({ model }) => model),
    parameters: match && count(createModel(match.model, { ...match.options, classes: match.classes })).params,
    nearest: match ?? matches[0],
  };
}

/** @returns undefined where no tensor has a detector's name */
function ofDetector(checkpoint: Checkpoint, { ignored }: Inspection, name: string | undefined): Findings | undefined {
  const found = inspectDetector(checkpoint, name);
  if (found === undefined) return undefined;
  const { takenFrom, tensors, nearest, match } = found;
  const { model, classes } = nearest;
  const beside = [...ignored].filter(([, what]) => what !== 'a tensor'); // tensors of a detector are none of a network that classifies
  return {
    family: "torchvision's detectors",
    because: `a tensor is called ${[...tensors.keys()][0]}`,
    takenFrom,
    alsoIn: [],
    tensors,
    detector: true,
    network: match?.model,
    same: [],
    candidates: [model.id, ...(match?.same ?? [])],
    parameters: match && count(model.create({ size: [64, 64], regions: 1, classes })).params,
    nearest,
    ignored: new Map([...nearest.ignored.map((tensor) => [tensor, 'a tensor'] as const), ...beside]),
  };
}
