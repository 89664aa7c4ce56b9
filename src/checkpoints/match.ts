import { parameters } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { createModel, findModel } from '../models/index.js';
import type { ModelOptions } from '../models/model.js';
import type { Shape } from '../tensor.js';
import { type Around, partsAround } from './beside.js';
import { withClassifier } from './classifier.js';
import { holdsSame } from './holdsSame.js';
import { isTrainers } from './trainers.js';

/** A network's tensors beside a file's. */

/** Anything with a shape, by name, and what its values are stored as, where that is known. */
export type Shapes = ReadonlyMap<string, Shaped>;

interface Shaped {
  readonly shape: Shape;
  readonly dtype?: string;
}

export interface Match {
  /** The network, `source/name`. */
  readonly model: string;
  /** The variant of it, should the file say that it is one. */
  readonly options: ModelOptions;
  /** Outputs of the classifier: as many as the file has rows for. */
  readonly classes: number;
  /** Names that the network has and the file has not. */
  readonly missing: readonly string[];
  /** Names that the file has and the network has not, though they may belong to a network like it; and those beside its module that are a part of what the file computes. */
  readonly extra: readonly string[];
  /** Of those, the ones beside its module: what each does. */
  readonly around?: ReadonlyMap<string, string>;
  /** If all of the network is there: names that only a trainer needs, as a loss's. */
  readonly ignored: readonly string[];
  readonly misshapen: readonly { readonly name: string; readonly expected: Shape; readonly found: Shape }[];
  /** What the file calls the classifier's layer, if it has another name for it. */
  readonly classifier?: string;
  /** What the classifier's tensors are called, if they lie beside the network's module: paths in the file, without wrappers. */
  readonly outside?: readonly string[];
}

/** Inception-ResNet-v2 was trained by TensorFlow with a class more, the first, for what is none of the others; Cadene's file still has it. */
const background: Readonly<Record<string, number>> = { 'cadene/inceptionresnetv2': 1001 };

/** Whether the classifier's first row is a class too many. */
export const hasBackground = (model: string, rows: number | undefined): boolean => rows !== undefined && background[model] === rows;

/** Outputs of the classifier may be others: of its weights and of its bias. */
const tensorsOfHead = 2;

/** As `matchModel`, of a network that the file fits in every tensor; undefined for any other, mostly after its first few layers. */
export function exactMatch(model: string, tensors: Shapes, around?: Around<Shaped>): Match | undefined {
  let otherwise = 0;
  const graph = findModel(model).createIf((name, shape) => {
    const found = tensors.get(name);
    return found !== undefined && (holdsSame(shape, found.shape) || ++otherwise <= tensorsOfHead);
  });
  if (graph === undefined) return undefined;
  const match = matchModel(model, tensors, { usual: graph, ...(around && { around }) });
  return differences(match) === 0 ? match : undefined;
}

/** A network is left once so many of its tensors are not the file's. */
const patience = 16;

/** How many tensors of a network the file has, in the network's order, up to the point where it is left: what tells a likely network from others at little cost. */
export function likeness(model: string, tensors: Shapes): number {
  let [had, lacked] = [0, 0];
  findModel(model).createIf((name, shape) => {
    const found = tensors.get(name);
    if (found !== undefined && holdsSame(shape, found.shape)) had++;
    else lacked++;
    return lacked <= patience;
  });
  return had;
}

/** How a file's tensors fit a network, with as many classes as the file has, and whatever the file calls the classifier, which may lie `around` them. */
export function matchModel(
  model: string,
  tensors: Shapes,
  { options = {}, usual = createModel(model, options), around }: MatchOptions = {},
): Match {
  const match = matchNames(model, tensors, options, usual);
  const head = classifierOf(usual);
  const expected = new Map(parameters(usual).map(({ name, shape }) => [name, shape]));
  if (differences(match) === 0) return withParts(match, expected.get(`${head}.weight`), around);
  const renamed = withClassifier(head, expected, tensors, around);
  if (renamed === undefined) return match;
  const { classifier, outside } = renamed;
  const again = matchNames(model, renamed.tensors, options, usual);
  if (differences(again) > 0) return match;
  return withParts({ ...again, classifier, ...(outside.length > 0 && { outside }) }, expected.get(`${head}.weight`), around);
}

/** A network that is there in every tensor, and what of the tensors around it is a part of what the file computes. */
function withParts(match: Match, classifier: Shape | undefined, around: MatchOptions['around']): Match {
  if (classifier === undefined || around === undefined || around.size === 0) return match;
  const parts = partsAround(around, { features: classifier.slice(1), classes: match.classes }, match.outside);
  return parts.size === 0 ? match : { ...match, extra: [...match.extra, ...parts.keys()], around: parts };
}

interface MatchOptions {
  readonly options?: ModelOptions;
  /** The network itself, if it is made already. */
  readonly usual?: Graph;
  readonly around?: Around<Shaped>;
}

function matchNames(model: string, tensors: Shapes, options: ModelOptions, usual: Graph): Match {
  const head = classifierOf(usual);
  const rows = tensors.get(`${head}.weight`)?.shape[0];
  const classes =
    rows === undefined || rows < 1 ? (shapeOf(usual, `${head}.weight`)?.[0] as number) : rows - (hasBackground(model, rows) ? 1 : 0);
  const expected = new Map(parameters(usual).map(({ name, shape }) => [name, shape]));

  const missing: string[] = [];
  const misshapen: { readonly name: string; readonly expected: Shape; readonly found: Shape }[] = [];
  for (const [name, usualShape] of expected) {
    const inHead = name.startsWith(`${head}.`);
    const shape = inHead ? [rows ?? (usualShape[0] as number), ...usualShape.slice(1)] : usualShape;
    const found = tensors.get(name)?.shape;
    if (found === undefined) missing.push(name);
    else if (!holdsSame(shape, found)) misshapen.push({ name, expected: shape, found });
  }
  const others = [...tensors.keys()].filter((name) => !expected.has(name));
  const whole = missing.length === 0 && misshapen.length === 0;
  return {
    model,
    options,
    classes,
    missing,
    ...(whole ? sortExtra(others, expected, tensors) : { extra: others, ignored: [] }),
    misshapen,
  };
}

/** Names that a network does not have: those that may be of a network like it, and those that only a trainer needs. */
export function sortExtra(
  others: readonly string[],
  expected: ReadonlyMap<string, Shape>,
  tensors: Shapes,
): Pick<Match, 'extra' | 'ignored'> {
  if (others.length === 0) return { extra: [], ignored: [] };
  const own = new Set([...layerWords, ...[...expected.keys()].map(kindOfModule)]);
  const isIgnored = (name: string): boolean => !own.has(kindOfModule(name)) && isTrainers(name, tensors.get(name) as Shaped);
  return { extra: others.filter((name) => !isIgnored(name)), ignored: others.filter(isIgnored) };
}

/**
 * The word that the name of a tensor's outermost module begins with. A `layer5`, the gates of an `inception_3a` or an `fc_aux` may be what makes
 * another network of one that has a `layer4`, an `inception_3a_1x1` and an `fc`, whatever else is in their names.
 */
const kindOfModule = (name: string): string => /^[a-z]*/i.exec(name)?.[0].toLowerCase() ?? '';

/** Words for what computes something in a network, whether or not one here has it. */
const layerWords =
  'attention attn aux bn block blocks classifier conv fc features gate head layer layers linear norm pool se stage stages stem'.split(' ');

/** What is said of a tensor that the network has and the file has not, or has something else `instead`. */
export const missingText = (name: string, instead: string | undefined): string =>
  instead === undefined ? `${name} is missing` : `${name} is no tensor that can be read, but ${instead}`;

/** What is said of a tensor that the file has and the network has not. */
export const extraText = (name: string, around: Match['around']): string => {
  const what = around?.get(name);
  return what === undefined ? `${name} is not the network's` : `${name}, ${what}`;
};

/** How far a file is from a network. */
export const differences = ({ missing, extra, misshapen }: Match): number => missing.length + extra.length + misshapen.length;

/** The path of the layer that computes the logits. */
export function classifierOf({ nodes }: Graph): string {
  const last = nodes.findLast(({ op }) => op === 'linear' || op === 'quantisedLinear' || op === 'scaledLinear');
  const weight = nodes[last?.inputs[1] ?? -1];
  return weight?.op === 'param' ? weight.attrs.name.slice(0, -'.weight'.length) : '';
}

const shapeOf = (graph: Graph, name: string): Shape | undefined => parameters(graph).find((parameter) => parameter.name === name)?.shape;

/** Whether two graphs compute the same from the same weights. */
export function sameNetwork(a: Graph, b: Graph): boolean {
  return a.nodes.length === b.nodes.length && JSON.stringify(a.nodes) === JSON.stringify(b.nodes);
}
