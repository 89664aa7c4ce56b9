import { networkMetadata } from '../checkpoints/index.js';
import { InputError, showShape } from '../errors.js';
import { checkGraph } from '../graph/check.js';
import { parameters } from '../graph/count.js';
import { checkTensors, inputOf, parameterOf } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import { checkKnown, type Keys } from '../graph/known.js';
import { nearest } from '../graph/nearest.js';
import type { Label } from '../io/labels.js';
import { abortable, isSignal, type SignalLike } from '../io/signal.js';
import type { ModelOptions } from '../models/model.js';
import { isQuantised } from '../plan/lower.js';
import { type Preset, preprocessOptions } from '../pretrained/preset.js';
import { type GraphRunner, layerOf, lookupOf, observe, type RangeMethod, rangeMethods, recipeOf } from '../quant/calibrate.js';
import { quantisedFile } from '../quant/file.js';
import { quantisedWith } from '../quant/graph.js';
import { type Noise, noiseOf } from '../quant/noise.js';
import type { QuantisedRecipe } from '../quant/recipe.js';
import { quantisedWeights } from '../quant/weights.js';
import { kindOf, type Shape, shown, type Tensor } from '../tensor.js';
import type { CompileOptions } from '../wasm/options.js';
import { compile } from '../wasm/session.js';
import { presetMetadata } from './trained.js';

/** Pictures as the network sees them, [1, C, H, W] each. They are read several times: a list, or what begins anew each time that it is iterated. */
export type CalibrationPictures = Iterable<Tensor> | AsyncIterable<Tensor>;

export interface QuantiseOptions extends Pick<CompileOptions, 'kernels' | 'algorithms' | 'threads'> {
  /**
   * How ranges are chosen of the numbers that a value takes: their ends; without a ten-thousandth at either end; or the ends with the least mean square of errors.
   * @defaultValue 'mean-square'
   */
  readonly method?: RangeMethod;
  /** Layers that stay floats, by the names of their weights without `.weight`. @defaultValue none */
  readonly float?: readonly string[];
  /** Of the logits, in decibels: the noisiest layers stay floats until it is reached, or half of all do. @defaultValue none */
  readonly target?: number;
  /** What noise is measured on. @defaultValue the pictures of the calibration */
  readonly measured?: CalibrationPictures;
  /** Hears of each picture. */
  readonly onProgress?: (progress: QuantiseProgress) => void;
  readonly signal?: SignalLike;
}

/** How far `quantise` is. */
export interface QuantiseProgress {
  /** Ranges are found once. Noise is measured of each layer by itself, then of all, and again whenever layers become floats for the target. */
  readonly stage: 'calibrating' | 'measuring';
  /** Pictures of this pass that are done. */
  readonly pictures: number;
  /** Layers that stay floats. */
  readonly float: number;
}

/** A network in 8 bits, and how near it is to the float one. */
export interface QuantiseResult {
  /** What `compile` takes, with the weights. */
  readonly graph: Graph;
  /** Those of the layers are integers, with a float32 scale per output channel. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The graph again: `createModel(id, { quantised: recipe })`. */
  readonly recipe: QuantisedRecipe;
  /** Of the network. */
  readonly noise: Noise;
  /** Of each layer given the float network's values, where no layers but those asked for are floats. */
  readonly own: Noise;
  /** How many pictures were of one colour. */
  readonly plain: number;
  /** The values that were 0 on all pictures, by their layers. */
  readonly zero: readonly string[];
}

const known: Keys<QuantiseOptions> = {
  ...{ method: true, float: true, target: true, measured: true, onProgress: true, signal: true },
  ...{ kernels: true, algorithms: true, threads: true },
};

/**
 * The network with 8-bit weights and activations, calibrated on pictures. What is computed, docs/quantised.md says.
 *
 * @param graph a float network's, of one picture a run; its first output are the logits
 * @param weights the float network's
 * @throws InputError for options that do not exist, layers that the network does not have, a network that is quantised, pictures that are none or all of one colour, and
 * numbers that are not finite on one, by the layer; ShapeError for a picture of another shape; WeightsError for a missing or misshapen tensor, or one that is not finite;
 * PlanError for several inputs; what `compile` throws; the signal's reason
 */
export async function quantise(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  pictures: CalibrationPictures,
  options: QuantiseOptions = {},
): Promise<QuantiseResult> {
  checkGraph(graph);
  checkTensors(weights);
  checkOptions(options);
  checkPictures('pictures', pictures);
  if (isQuantised(graph)) throw new InputError('quantise: the graph is of a quantised network: expected the float one');
  checkLayers('quantise', graph, options.float ?? []);
  for (const { name, shape } of parameters(graph)) parameterOf(weights, name, shape);
  const shape = shapeOf(graph);
  if (shape[0] !== 1) throw new InputError(`quantise: expected a graph of one picture a run, found ${showShape(shape)}`);
  const result = quantised(graph, weights, pictures, options);
  return options.signal ? abortable(result, options.signal) : result;
}

async function quantised(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  pictures: CalibrationPictures,
  { method = 'mean-square', float: asked = [], target, measured = pictures, onProgress, signal, ...how }: QuantiseOptions,
): Promise<QuantiseResult> {
  const runner: GraphRunner = async (given, tensors) => {
    const session = await compile(given, tensors, how);
    return { run: (image) => session.runAsync(image, undefined, signal && { signal }), dispose: () => session.dispose() };
  };
  const hear = (stage: QuantiseProgress['stage'], float: number) => (done: number) => {
    signal?.throwIfAborted();
    onProgress?.({ stage, pictures: done, float });
  };
  const observed = await observe(graph, weights, checked(pictures, graph, hear('calibrating', asked.length)), runner);
  const lookup = lookupOf(observed, method);
  const measure = (float: ReadonlySet<string>, apart: boolean): Promise<Noise> =>
    noiseOf(graph, weights, lookup, float, checked(measured, graph, hear('measuring', float.size)), runner, apart);
  const own = await measure(new Set(asked), true);
  const { float, noise } = await reached(new Set(asked), own, target, (layers) => measure(layers, false));
  const made = quantisedWith(graph, lookup, float);
  return {
    graph: made.graph,
    weights: quantisedWeights(graph, made, weights),
    recipe: recipeOf(graph, lookup, float),
    noise,
    own,
    plain: observed.plain,
    zero: observed.zero,
  };
}

/** Keeps the noisiest layers until the target is reached, or half of them stay. */
async function reached(
  asked: ReadonlySet<string>,
  own: Noise,
  target: number | undefined,
  measure: (float: ReadonlySet<string>) => Promise<Noise>,
): Promise<{ readonly float: ReadonlySet<string>; readonly noise: Noise }> {
  const noisiest = [...own.layers].sort(([, a], [, b]) => a - b).map(([name]) => name);
  const float = new Set(asked);
  let noise = await measure(float);
  const step = Math.max(1, Math.floor(noisiest.length / 16));
  for (let next = 0; target !== undefined && noise.logits < target && next < noisiest.length / 2; next += step) {
    for (const name of noisiest.slice(next, next + step)) float.add(name);
    noise = await measure(float);
  }
  return { float, noise };
}

/** What a file says of its network. */
export interface SaidOfQuantised {
  /** As `createModel` takes it. */
  readonly model: string;
  /** Of the float network, where it is a variant. */
  readonly options?: ModelOptions;
  /** What it expects of an image. @defaultValue what is known of the model */
  readonly preset?: Preset | undefined;
  /** What its classes are called. @defaultValue what is known of the model */
  readonly labels?: readonly Label[] | undefined;
}

/**
 * A safetensors file, which `createClassifier({ weights })` and the commands take: weights I8, biases and sums I32, the rest F32.
 *
 * @param said which network it is: the file holds the recipe of its integers beside that
 * @throws InputError for what is no result of `quantise`, a model that is not named, and a preset or labels that are none
 */
export function saveQuantised(result: QuantiseResult, said: SaidOfQuantised): Uint8Array<ArrayBuffer> {
  if (kindOf(result) !== 'Object' || kindOf(result.recipe) !== 'Object')
    throw new InputError(`saveQuantised takes what quantise gives, not ${kindOf(result)}`);
  checkGraph(result.graph);
  checkTensors(result.weights);
  checkKnown('saveQuantised', said, { model: true, options: true, preset: true, labels: true } satisfies Keys<SaidOfQuantised>);
  const { model, options, preset, labels } = said;
  if (typeof model !== 'string' || model === '') throw new InputError(`model is a network's name, not ${shown(model)}`);
  if (preset !== undefined) preprocessOptions(preset);
  if (labels !== undefined && !(Array.isArray(labels) && labels.every((label) => typeof label?.name === 'string')))
    throw new InputError(`labels are a list of { name }, not ${kindOf(labels)}`);
  const variant = { model, options: { ...options, quantised: result.recipe } };
  return quantisedFile(result.graph, result.weights, networkMetadata(variant, { ...presetMetadata(preset, labels), format: 'pt' }));
}

/** Of its image. */
const shapeOf = ({ nodes }: Graph): Shape => nodes.find(({ op }) => op === 'input')?.shape ?? [];

/** @throws InputError for a layer that a network does not have, with those that are near */
export function checkLayers(who: string, graph: Graph, names: readonly string[]): void {
  const layers = graph.nodes.flatMap((node) => layerOf(graph, node) ?? []);
  for (const name of names)
    if (!layers.includes(name)) throw new InputError(`${who}: the network has no layer ${name.slice(0, 80)}${nearest(name, layers)}`);
}

/** @throws InputError for an option that does not exist, or is not what it must be */
function checkOptions(options: QuantiseOptions): void {
  checkKnown('quantise', options, known);
  const { method, float, target, measured, onProgress, signal } = options;
  if (method !== undefined && !rangeMethods.includes(method))
    throw new InputError(`method is one of ${rangeMethods.join(', ')}, not ${shown(method)}`);
  if (float !== undefined && !(Array.isArray(float) && float.every((name) => typeof name === 'string')))
    throw new InputError(`float is a list of layers' names, not ${kindOf(float)}`);
  if (target !== undefined && !(typeof target === 'number' && target > 0 && target < Infinity))
    throw new InputError(`target is a number of decibels above 0, not ${shown(target)}`);
  if (measured !== undefined) checkPictures('measured', measured);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new InputError(`onProgress is a function, not ${kindOf(onProgress)}`);
  if (signal !== undefined && !isSignal(signal)) throw new InputError(`signal is an AbortSignal, not ${kindOf(signal)}`);
}

function checkPictures(called: string, given: CalibrationPictures): void {
  const { [Symbol.iterator]: each, [Symbol.asyncIterator]: later } = Object(given ?? {}) as Partial<
    Iterable<Tensor> & AsyncIterable<Tensor>
  >;
  if (typeof given === 'object' && (typeof each === 'function' || typeof later === 'function')) return;
  throw new InputError(`${called} are tensors, in a list or whatever gives them anew each time, not ${kindOf(given)}`);
}

/** Pictures of the shape that the graph takes. @throws ShapeError, and InputError for what is no tensor; if there are none when others were there before */
async function* checked(
  pictures: CalibrationPictures,
  graph: Graph,
  heard: (done: number) => void,
): AsyncGenerator<Tensor, void, undefined> {
  const shape = shapeOf(graph);
  let done = 0;
  for await (const picture of pictures) {
    yield inputOf(picture, `picture ${done + 1}`, shape);
    heard(++done);
  }
  if (done === 0)
    throw new InputError('quantise: there are no pictures, or they can be read once only: expected a list, or what begins anew each time');
}
