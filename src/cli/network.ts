import { basename } from 'node:path';
import { Option } from 'commander';
import { readTrained, type Trained } from '../classifier/trained.js';
import { InputError, naming } from '../errors.js';
import { count as countGraph } from '../graph/count.js';
import { type Label, parseLabels } from '../io/labels.js';
import { imagenetMean, imagenetStd } from '../io/preprocess.js';
import { type Filter, filters } from '../io/resize.js';
import { createModel, findModel } from '../models/index.js';
import type { ModelOptions } from '../models/model.js';
import { ensure, placeOf } from '../node/download/cache.js';
import { readBytes } from '../node/files.js';
import { note } from '../node/output.js';
import { progress } from '../node/progress.js';
import { type LoadedWeights, loadWeightsFile, stateOption } from '../node/weightsFile.js';
import { findPretrained, fullName, pretrainedByFile, pretrainedOf, splitName, usualPretrained } from '../pretrained/index.js';
import { classesIn, labelsOf } from '../pretrained/labels.js';
import type { Preset } from '../pretrained/preset.js';
import type { Pretrained } from '../pretrained/pretrained.js';
import { mebibytes } from '../report/format.js';
import type { Tensor } from '../tensor.js';
import { count, positive, share, sizeOrTest } from './options.js';

/** Which weights, and how the images for them are made. */
export interface NetworkFlags {
  readonly model?: string;
  readonly weights?: string;
  readonly state?: string;
  readonly labels?: string;
  readonly size?: number | 'test';
  readonly crop?: number;
  readonly interpolation?: Filter;
  readonly revision?: string;
  readonly offline?: true;
  readonly maxBytes?: number;
  readonly timeout?: number;
}

export const networkOptions = (): readonly Option[] => [
  new Option(
    '--model <name>',
    'published weights (`senet weights` lists them), or with --weights a network (`senet models`); default: the CIFAR-10 network that ships',
  ),
  new Option('--weights <file>', 'a checkpoint; its network is recognised from its tensors'),
  stateOption(),
  new Option('--labels <file>', "names of the classes: a line each, or JSON (default: the weights' own)"),
  new Option('--size <pixels>', "side of the network's image; `test`: the publisher's larger size for tests").argParser(sizeOrTest),
  new Option('--crop <ratio>', 'share of the shorter side that is kept').argParser(share),
  new Option('--interpolation <name>', 'how to resize, antialiased').choices(filters),
  new Option('--revision <name>', 'branch, tag or commit of a hub repository (default: main)'),
  new Option('--offline', 'never download: use what the cache holds'),
  new Option('--max-bytes <number>', 'the largest download (default: 16 bytes a parameter)').argParser(count),
  new Option('--timeout <seconds>', 'how long a download may stand still, or crawl (default: 20)').argParser(positive),
];

/** A network with weights, ready to be compiled, and what it takes to use it. */
export interface Network {
  /** What `--model` would find it by: `timm/seresnet50.ra2_in1k`, or `timm/seresnet50` if the weights are not published ones. */
  readonly name: string;
  /** As `senet models` has it. */
  readonly id: string;
  /** Its variant, where the weights say that they are one's. */
  readonly options: ModelOptions;
  /** The file that the weights come from. */
  readonly file: string;
  /** Where in the file, if not at its top: `state_dict`. */
  readonly takenFrom: string;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly classes: number;
  readonly preset: Preset;
  /** One a class; undefined where nothing names them. */
  readonly labels: readonly Label[] | undefined;
  /** The published weights, if these are. */
  readonly published: Pretrained | undefined;
}

/**
 * The network that the flags ask for. What is chosen for the user is said on stderr.
 *
 * @throws InputError for flags that name nothing, or contradict each other or the file.
 */
export async function openNetwork(flags: NetworkFlags): Promise<Network> {
  const { named, file } = await locate(flags);
  const loaded = await loadWeightsFile(file, named?.network ?? flags.model, flags.state);
  const published = named ?? publishedAs(file, loaded);
  const id = published?.network ?? loaded.model;
  const own = published ? undefined : readTrained(file, loaded.metadata);
  const like = published ?? (own?.preset ? undefined : likeliest(file, loaded));
  return {
    name: published ? fullName(published) : id,
    id,
    options: loaded.options,
    file,
    takenFrom: loaded.takenFrom,
    weights: loaded.weights,
    classes: loaded.classes,
    preset: adjust(own?.preset ?? like?.preset ?? usualPreset(id), flags),
    labels: await chooseLabels(flags.labels, loaded.classes, like, own),
    published,
  };
}

/** Four times what float32 takes: room for what else a file may hold, and no more. */
const bytesPerParameter = 16;

/** The published weights that `--model` and `--weights` name, if any, and the file to read. */
async function locate({
  model,
  weights,
  offline,
  revision,
  maxBytes,
  timeout,
}: NetworkFlags): Promise<{ readonly named?: Pretrained; readonly file: string }> {
  if (weights !== undefined)
    return model !== undefined && hasTag(model) ? { named: findPretrained(model), file: weights } : { file: weights };
  const named = model === undefined ? usualPretrained : weightsNamed(model);
  const place = placeOf(named, revision);
  if (named.origin.kind === 'shipped') return { named, file: place.file };
  const shown = progress();
  await ensure(place, {
    offline: offline === true,
    maxBytes: maxBytes ?? bytesPerParameter * countGraph(createModel(named.network)).params,
    ...(timeout !== undefined && { stallMs: 1000 * timeout }),
    onProgress: (bytes, of) => shown.show(`${place.url}: ${mebibytes(bytes)}${of === undefined ? '' : ` of ${mebibytes(of)}`} MiB`),
  }).finally(() => shown.clear());
  return { named, file: place.file };
}

/** What `--model` means where no file is named. @throws InputError if no weights are so called */
export const weightsNamed = (model: string): Pretrained => (hasTag(model) ? findPretrained(model) : firstOf(model));

const hasTag = (name: string): boolean => splitName(name).tag !== undefined;

/** What a network's name without a tag means. */
function firstOf(model: string): Pretrained {
  const { id } = findModel(model);
  const [first, ...rest] = pretrainedOf(id);
  if (first === undefined) throw new InputError(`no weights are published for ${id}: name a checkpoint with --weights FILE`);
  if (rest.length > 0)
    note(`${id}: using ${first.name}; there ${rest.length > 1 ? 'are' : 'is'} also ${rest.map(({ name }) => name).join(', ')}`);
  return first;
}

/** The published weights that a file is by its name, if its network is theirs. */
function publishedAs(file: string, { model, same }: LoadedWeights): Pretrained | undefined {
  const known = pretrainedByFile(basename(file));
  return known && [model, ...same].includes(known.network) ? known : undefined;
}

/** A checkpoint does not say on what images it was trained: likeliest on those of its network's usual weights. */
function likeliest(file: string, { model, same }: LoadedWeights): Pretrained | undefined {
  const [like] = pretrainedOf(model);
  const others = same.length === 0 ? '' : `; ${same.join(', ')} would be the same network: --model says whose images`;
  note(`${file}: ${model}, images as ${like ? `for ${like.name}` : "ImageNet's are usually made"}${others}`);
  return like;
}

const usualPreset = (id: string): Preset => ({
  size: findModel(id).size,
  cropRatio: 0.875,
  filter: 'bilinear',
  mean: imagenetMean,
  std: imagenetStd,
});

/** The preset itself where the flags change nothing. */
function adjust(preset: Preset, { size, crop, interpolation }: NetworkFlags): Preset {
  if (size === 'test' && !preset.test) throw new InputError('--size test: these weights have one size only');
  if (size === undefined && crop === undefined && interpolation === undefined) return preset;
  const sized = size === 'test' ? { ...preset, ...preset.test } : { ...preset, ...(size !== undefined && { size }) };
  return { ...sized, ...(crop !== undefined && { cropRatio: crop }), ...(interpolation && { filter: interpolation }) };
}

async function chooseLabels(
  file: string | undefined,
  classes: number,
  like: Pretrained | undefined,
  own: Trained | undefined,
): Promise<readonly Label[] | undefined> {
  if (file !== undefined) {
    const bytes = await readBytes(file);
    const labels = naming(file, () => parseLabels(bytes));
    if (labels.length !== classes) throw new InputError(`${file}: expected ${classes} labels, one a class, found ${labels.length}`);
    return labels;
  }
  if (own?.labels?.length === classes) return own.labels;
  const set = like?.labels ?? 'imagenet';
  return classes === classesIn[set] ? await labelsOf(set) : undefined;
}
