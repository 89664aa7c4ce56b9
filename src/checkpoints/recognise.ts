import { InputError, WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { likelihood } from '../io/stateNames.js';
import type { Stored } from '../io/tensorFile.js';
import { functionOf } from '../io/torchFunctions.js';
import { insteadOf } from '../meant.js';
import { createModel, findModel, listModels } from '../models/index.js';
import type { ModelOptions, ModelSource } from '../models/model.js';
import { sizeOf, type Tensor } from '../tensor.js';
import type { Checkpoint } from './checkpoint.js';
import { bareArch } from './families.js';
import { otherLayer } from './layers.js';
import { exactMatch, headOf, likeness, type Match, matchModel, sameNetwork } from './match.js';
import { differences, differencesText } from './misfits.js';
import { layerElsewhere, otherNetwork, type State, statesOf } from './state.js';
import { isTrainers } from './trainers.js';
import { modelKey, variantOf } from './variant.js';
import { networkTensors, readAll } from './weights.js';

/** What a file's names and shapes say. */
export interface Inspection {
  /** Whose names the file has; `unknown` if nobody's. */
  readonly family: string;
  /** The names, or the format, that told. */
  readonly because: string;
  /** Where in the file the tensors lie: keys and modules joined by dots, as in `state_dict`; empty if at the top. */
  readonly takenFrom: string;
  /** What `openCheckpoint` takes as `state` for these tensors alone, without what lies beside their module; empty for the whole file. */
  readonly module: string;
  /** Other places of the file that hold the same network: an average of the weights. */
  readonly alsoIn: readonly string[];
  /** The tensors by their names in the network, without trainers' prefixes and counters. */
  readonly tensors: ReadonlyMap<string, Stored>;
  /** The file's other entries, and what each is; without batch norm's counters. */
  readonly ignored: ReadonlyMap<string, string>;
  /** Those under the names of tensors that are none that can be read. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** The networks that fit in every tensor, in the order in which a bare name is looked up; else the one that fits best, if any does at all. */
  readonly matches: readonly Match[];
  /** The one that the file is of; absent if none fits, or several that compute different things. */
  readonly match?: Match;
  /** Those of `matches` that are the same network as `match`, under other names. */
  readonly same: readonly string[];
}

/** Which network a file is of. Its names and shapes say so: no value is read. */
export interface Identified {
  readonly family: string;
  readonly because: string;
  /** `source/name`. */
  readonly model: string;
  /** Which variant of it: options that `createModel` takes, as the file says; mostly none. */
  readonly options: ModelOptions;
  /** Outputs of the classifier. */
  readonly classes: number;
  /** Where in the file the weights lie: keys and modules joined by dots, as in `state_dict`; empty if at the top. */
  readonly takenFrom: string;
  /** Other places of the file that hold the same network, as averages of the weights do: `openCheckpoint` takes one as `state`. */
  readonly alsoIn: readonly string[];
  /** The file's other entries, and what each is; without batch norm's counters. */
  readonly ignored: ReadonlyMap<string, string>;
  /** Networks of other sources that are the same, tensor for tensor and layer for layer; their published weights may expect other images. */
  readonly same: readonly string[];
  /** What the file calls the layer that computes the classes, if not as the network does. */
  readonly classifier?: string;
  /** The network's tensors, under its names and in its order and shapes. */
  readonly stored: ReadonlyMap<string, Stored>;
}

/** A file's network and its weights: `compile(graph, weights)`. */
export interface Recognised extends Omit<Identified, 'stored'> {
  /** `createModel(model, { ...options, classes })`. */
  readonly graph: Graph;
  /** All of its tensors, in float32. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** How a file is read. */
export interface RecogniseOptions {
  /** Hears after each tensor how many are read. */
  readonly progress?: (read: number, of: number) => void;
}

/**
 * The network that a file is of, and its weights, read a tensor at a time. `name` is as in `identify`, which tells the network alone.
 *
 * @throws what `identify` throws, as a rejection; WeightsError for values that are damaged.
 */
export async function recognise(checkpoint: Checkpoint, name?: string, options: RecogniseOptions = {}): Promise<Recognised> {
  const { stored, ...identified } = identify(checkpoint, name);
  return { ...identified, graph: graphOf(identified), weights: await readAll(stored, options?.progress) };
}

/**
 * The network that a file is of, and why. Cheap: no value is read. `name` is a network's, or a bare name, whose source the file's tensors then choose.
 *
 * @throws WeightsError if no network fits in every tensor, saying what is missing, extra or misshapen in the nearest; InputError if several fit
 * that compute different things, or the name is unknown.
 */
export function identify(checkpoint: Checkpoint, name?: string): Identified {
  const inspection = inspect(checkpoint, name);
  const { family, because, takenFrom, alsoIn, ignored, tensors, match, same } = inspection;
  if (match === undefined) throw notRecognised(inspection, name, headElsewhere(checkpoint, inspection));
  const { model, options, classes, classifier } = match;
  return {
    family,
    because,
    takenFrom,
    alsoIn,
    ignored,
    model,
    options,
    classes,
    same,
    ...(classifier !== undefined && { classifier }),
    stored: networkTensors(match, tensors),
  };
}

/**
 * What can be said of a file, whether or not it is a network's: of the likeliest place in it that holds one, else of the one that comes nearest.
 *
 * @throws InputError if `name` is unknown; WeightsError for damaged Caffe layers, and for a variant that is none.
 */
export function inspect(checkpoint: Checkpoint, name?: string): Inspection {
  if (typeof checkpoint?.tensors?.keys !== 'function' || typeof checkpoint.metadata !== 'object')
    throw new InputError(`expected what openCheckpoint gives, once it is awaited, not ${insteadOf('checkpoint', checkpoint)}`);
  if (name !== undefined) findModel(name);
  const all = statesOf(checkpoint);
  const states = all.slice(0, mostCompared);
  // an average or a teacher is not taken in silence for a network that does not fit: who names the network has chosen
  const other = name === undefined ? otherNetwork(checkpoint, states) : undefined;
  let nearest: Inspection | undefined;
  for (const [i, state] of states.entries()) {
    const found = inspectState(state, checkpoint.metadata, name);
    const [match] = found.matches;
    if (match && differences(match) === 0) {
      const part = other === undefined ? partElsewhere(checkpoint, state, match) : { at: other, does: whose };
      if (part !== undefined) return withPart(found, match, part);
      const alsoIn = all.slice(i + 1).filter((later) => holds(later, match));
      return { ...found, alsoIn: alsoIn.map(({ takenFrom }) => takenFrom) };
    }
    if (nearest === undefined || distance(found) < distance(nearest)) nearest = found;
    // nor where the weights themselves cannot be read
    if (match?.missing.some((tensor) => state.others.has(tensor))) break;
    if (name === undefined && match && likelihood(state.takenFrom) < 2 && isOtherwise(state, match)) {
      const next = states[i + 1];
      if (next && likelihood(next.takenFrom) === 2) break;
    }
  }
  return nearest as Inspection;
}

/** What a file computes beside the network that was found in it. */
interface Part {
  /** A tensor of it, or its module. */
  readonly at: string;
  readonly does: string;
  /** It lies in the network's own modules: no part of the file holds the network alone. */
  readonly within?: true;
}

const whose = "beside the network, is of the one that the file was saved for; this is an average's or another's by its name";

/** What lies in other dictionaries and takes the network's features or logits, or what only a network saved whole can tell: a function or a layer that is another. */
function partElsewhere(checkpoint: Checkpoint, state: State, match: Match): Part | undefined {
  const layer = layerElsewhere(checkpoint, widthsOf(match));
  if (layer !== undefined) return { at: layer, does: 'in another dictionary, takes the features or the logits' };
  const [module, what] = otherFunction(state, match) ?? [];
  if (module !== undefined) return { at: module, does: `a module, is ${what}, which the network has not`, within: true };
  const other = otherLayer(state.layers, graphOf(match));
  return other && { at: other.module, does: `a module, has ${other.found}, where the network has ${other.expected}`, within: true };
}

/** A function of a network that was saved whole which the network found does not have: its module and class. */
function otherFunction({ others }: State, match: Match): readonly [string, string] | undefined {
  const told = [...others].filter(([, what]) => functionOf(what) !== undefined);
  if (told.length === 0) return undefined;
  const ops: ReadonlySet<string> = new Set(graphOf(match).nodes.map(({ op }) => op));
  return told.find(([, what]) => !ops.has(functionOf(what) as string));
}

/** A network that was found, which is not all that its file computes. */
function withPart(found: Inspection, match: Match, { at, does, within }: Part): Inspection {
  const { match: _, ...rest } = found;
  const around = new Map([[at, does]]);
  return { ...rest, ...(within && { module: '' }), same: [], matches: [{ ...match, extra: [...match.extra, at], around }] };
}

/** How many features a network's classifier reads, and how many logits it gives. */
function widthsOf(match: Match): readonly number[] {
  const graph = graphOf(match);
  const name = `${headOf(graph)}.weight`;
  const shape = parameters(graph).find((parameter) => parameter.name === name)?.shape;
  return shape === undefined ? [] : [sizeOf(shape.slice(1)), match.classes];
}

/** Whether the tensors are a network's that computes something else, not one whose classifier was only left out. */
const isOtherwise = ({ around }: State, { extra, misshapen }: Match): boolean =>
  extra.length > 0 || misshapen.length > 0 || [...around].some(([path, tensor]) => !isTrainers(path.slice(tensor.within.length), tensor));

/** Whether a trainer's `arch` is a network's name, or its bare name. */
const isCalled = (model: string, arch: string | undefined): boolean =>
  arch !== undefined && (model === arch || model.split('/')[1] === bareArch(arch));

/** No more places of a file are compared with all networks. */
const mostCompared = 8;

const distance = ({ matches: [match] }: Inspection): number => (match ? differences(match) : Number.POSITIVE_INFINITY);

const holds = ({ tensors, around }: State, { model, options }: Match): boolean =>
  differences(matchModel(model, tensors, { options, around })) === 0;

function inspectState(state: State, metadata: Checkpoint['metadata'], name: string | undefined): Inspection {
  const { takenFrom, module, tensors, others, layers, around, family, sources, because } = state;
  const variant = variantOf(metadata);
  // other variants may have the very same tensors, so what the file says of itself decides
  const said = variant && (name === undefined || candidates(undefined, name).includes(variant.model)) ? variant : undefined;
  const matches = said
    ? [matchModel(said.model, tensors, { options: said.options, around })]
    : matchesAmong(sources?.length === 0 ? [] : candidates(sources, name), state);
  const whole = matches.filter((match) => differences(match) === 0);
  const withOwnNames = whole.filter(({ classifier }) => classifier === undefined);
  const fitting = withOwnNames.length > 0 ? withOwnNames : whole;
  const fewest = Math.min(...fitting.map(({ ignored }) => ignored.length));
  const exact = withSuchLayers(
    layers,
    fitting.filter(({ ignored }) => ignored.length === fewest),
  );
  const named = exact.find(({ model }) => model === metadata[modelKey]) ?? exact.find(({ model }) => isCalled(model, metadata.arch));
  const likely = named ?? exact[0];
  const same = likely ? sameAs(likely, exact) : [];
  const match = named ?? (same.length === exact.length ? likely : undefined);
  const nearest = matches
    .slice(0, 1)
    .filter(({ missing, misshapen }) => name !== undefined || missing.length + misshapen.length < tensors.size);
  const found = likely ? exact : nearest;
  return {
    family,
    because,
    takenFrom,
    module,
    alsoIn: [],
    tensors: withOutside(state, match ?? found[0]),
    ignored: ignoredIn(state, match ?? found[0]),
    unreadable: others,
    matches: found,
    ...(match && { match }),
    same: match ? same.filter((other) => other !== match).map(({ model }) => model) : [],
  };
}

/** Of networks with the same tensors those whose layers are as the file says; all, if none is so. */
function withSuchLayers(layers: State['layers'], matches: readonly Match[]): readonly Match[] {
  if (matches.length < 2) return matches;
  const such = matches.filter((match) => otherLayer(layers, graphOf(match)) === undefined);
  return such.length > 0 ? such : matches;
}

/** A network's tensors, its classifier's among them under the network's names if they lie beside its module. */
function withOutside({ tensors, around }: State, match: Match | undefined): State['tensors'] {
  if (match?.outside === undefined) return tensors;
  const head = headOf(graphOf(match));
  const own = match.outside.map((name): [string, Stored] => [head + name.slice(name.lastIndexOf('.')), around.get(name) as Stored]);
  return new Map([...tensors, ...own]);
}

/** All of a file's entries that a network has no place for. */
function ignoredIn({ others, passedOver, around, beside }: State, match: Match | undefined): ReadonlyMap<string, string> {
  const taken = new Set(match?.outside?.map((name) => around.get(name)?.written));
  const needed = new Set(match?.missing);
  const tensors = (match?.ignored ?? []).map((name) => [name, 'a tensor'] as const);
  const over = [...passedOver].filter(([name]) => !taken.has(name));
  const rest = [...others].filter(([name, what]) => !needed.has(name) && functionOf(what) === undefined);
  return new Map([...tensors, ...rest, ...over, ...beside()]);
}

/** Networks that a file is compared with tensor by tensor, should none fit. */
const few = 4;

/** Those that fit in every tensor, in their order; if there are none, the likeliest, the nearest first. */
function matchesAmong(ids: readonly string[], { tensors, around }: State): readonly Match[] {
  if (ids.length === 1) return ids.map((id) => matchModel(id, tensors, { around }));
  const exact = ids.flatMap((id) => exactMatch(id, tensors, around) ?? []);
  if (exact.length > 0) return exact;
  const likely =
    ids.length <= few
      ? ids
      : ids
          .map((id) => ({ id, had: likeness(id, tensors) }))
          .filter(({ had }) => had > 0)
          .sort((a, b) => b.had - a.had)
          .slice(0, few)
          .map(({ id }) => id);
  return likely.map((id) => matchModel(id, tensors, { around })).sort((a, b) => differences(a) - differences(b)); // stable: equals stay in the sources' order
}

/** Those that are one network, itself included. */
function sameAs(likely: Match, exact: readonly Match[]): readonly Match[] {
  if (exact.length === 1) return exact;
  const graph = graphOf(likely);
  return exact.filter((other) => other === likely || sameNetwork(graph, graphOf(other)));
}

const graphOf = ({ model, options, classes }: Pick<Match, 'model' | 'options' | 'classes'>): Graph =>
  createModel(model, { ...options, classes });

/** Ids of the networks to compare with. @throws InputError if `name` is unknown. */
function candidates(sources: readonly ModelSource[] | undefined, name: string | undefined): readonly string[] {
  if (name?.includes('/')) return [findModel(name).id];
  const parts = listModels().map(({ id }) => [id, ...id.split('/')] as const);
  return parts
    .filter(([, source, bare]) => (name === undefined ? (sources?.some((own) => own === source) ?? true) : bare === name))
    .map(([id]) => id);
}

/** Where a layer lies that reads the features of a network whose classifier alone is missing; undefined if there is none. */
function headElsewhere(checkpoint: Checkpoint, { matches: [nearest] }: Inspection): string | undefined {
  if (nearest === undefined || nearest.missing.length === 0 || nearest.missing.length < differences(nearest)) return undefined;
  const head = headOf(graphOf(nearest));
  const [features] = widthsOf(nearest);
  return features !== undefined && nearest.missing.every((name) => name.startsWith(`${head}.`))
    ? layerElsewhere(checkpoint, [features])
    : undefined;
}

function notRecognised(
  { family, because, module, matches, unreadable }: Inspection,
  name: string | undefined,
  elsewhere: string | undefined,
): InputError | WeightsError {
  const [nearest] = matches;
  if (nearest && differences(nearest) === 0) {
    const ids = matches.map(({ model }) => model);
    return new InputError(
      `the tensors fit ${ids.join(' and ')}, which have the same names and shapes but compute different things; say which by --model`,
    );
  }
  const which = name === undefined ? `no network (names: ${family}; ${because})` : `not those of ${name}`;
  if (!nearest) return new WeightsError(`the tensors are ${name === undefined ? which : `${which} (names: ${family}; ${because})`}`);
  const { missing, extra, misshapen, model, classifier, around } = nearest;
  const tensor = missing[0] ?? misshapen[0]?.name ?? extra[0] ?? '';
  const layer = classifier === undefined ? '' : `, its classifier called ${classifier}`;
  const isSound = around !== undefined && around.size === differences(nearest) && classifier === undefined && module !== '';
  const alone = isSound ? `; --state ${module} takes the network without that` : '';
  const there = elsewhere === undefined ? '' : `; ${elsewhere} reads as many features, but lies in another dictionary of the file`;
  const differing = differencesText(nearest, 'network', unreadable);
  return new WeightsError(`the tensors are ${which}; of ${model}${layer}: ${differing}${alone}${there}`, { tensor });
}
