import { likelihood } from '../io/stateNames.js';
import type { StateDict, Stored, TensorFile } from '../io/tensorFile.js';
import type { LayerFacts } from '../io/torchLayers.js';
import type { ModelSource } from '../models/model.js';
import { moduleBelow } from './beside.js';
import { fromCaffe } from './caffe.js';
import { detector, families, otherwise, tellsRoot } from './families.js';
import { fromKeras } from './keras.js';
import { hasTrainersWord } from './trainers.js';

/** Tensors of a file by their names in a network, and whose names they are. */
export interface State {
  /** Where in the file they lie: keys and modules, joined by dots; empty if nowhere in particular. */
  readonly takenFrom: string;
  /** What takes them alone, without what lies beside them. */
  readonly module: string;
  readonly tensors: ReadonlyMap<string, Stored>;
  /** What is no tensor that can be read, though it stands under such a name: what it is. */
  readonly others: ReadonlyMap<string, string>;
  /** `unknown` if nobody's. */
  readonly family: string;
  /** Sources of the networks that may fit; undefined: any; none: it is known to be of none. */
  readonly sources?: readonly ModelSource[];
  /** What told. */
  readonly because: string;
  /** How its layers compute, by their modules, where the file says so. */
  readonly layers: ReadonlyMap<string, LayerFacts>;
  /** The entries that lie beside the network in its dictionary, and what each is. */
  readonly passedOver: ReadonlyMap<string, string>;
  /** Of those, the tensors that are nearer to this network than to another of the file, by their paths without wrappers: its classifier may be among them. */
  readonly around: ReadonlyMap<string, Outsider>;
  /** Those that lie beside its dictionary. */
  beside(): ReadonlyMap<string, string>;
}

/** A tensor beside the module that a network lies in. */
export interface Outsider extends Stored {
  /** Its name in the file. */
  readonly written: string;
  /** The modules that it shares with the network, each with its dot. */
  readonly within: string;
  /** The network is an average or another's by its name below those, and so what nothing beside it is built on. */
  readonly apart: boolean;
}

/** No more places of a file are found. */
const mostStates = 64;

/**
 * The places in a file where a network may lie, the likeliest first; at least one. A trainer's file may hold an average of the weights, and a module of
 * a trainer's may hold a network beside a loss.
 *
 * @throws WeightsError for Caffe layers whose blobs make no sense.
 */
export function statesOf(file: TensorFile): readonly State[] {
  if (file.format === 'caffe') {
    const { tensors, told } = fromCaffe(file.tensors);
    const none = new Map<string, string>();
    const family = "the authors' Caffe release";
    const rest = { takenFrom: '', module: '', others: none, layers: noLayers, passedOver: none, around: nobody, beside: () => none };
    return [{ ...rest, tensors, family, sources: ['caffe'], because: told }];
  }
  if (file.format === 'keras') {
    const { tensors, told } = fromKeras(file.tensors);
    const none = new Map<string, string>();
    const rest = {
      takenFrom: '',
      module: '',
      tensors,
      others: none,
      layers: noLayers,
      passedOver: none,
      around: nobody,
      beside: () => none,
    };
    if (told === undefined)
      return [{ ...rest, family: 'unknown', sources: [], because: "no layer has a name of keras-applications' networks" }];
    return [{ ...rest, family: "keras-applications' networks", sources: ['timm'], because: `a layer is called ${told}` }];
  }
  const dicts = dictsOf(file);
  const rooted = dicts.flatMap((dict) => rootsIn(dict));
  const at = (place: Place): State => stateAt(place, file.metadata.arch);
  if (rooted.length === 0) return dicts.slice(0, 1).map((dict) => at(wholeOf(dict)));
  const depth = ({ takenFrom }: Place): number => takenFrom.split('.').length - Number(takenFrom === '');
  // the file's own order between equals
  rooted.sort((a, b) => likelihood(a.takenFrom) - likelihood(b.takenFrom) || depth(a) - depth(b));
  return rooted.slice(0, mostStates).map(at);
}

const nobody: ReadonlyMap<string, Outsider> = new Map();
const noLayers: State['layers'] = new Map();

/** The dictionaries of tensors that a file is made of: one, in most formats. */
export const dictsOf = ({ tensors, states }: TensorFile): readonly StateDict[] =>
  states ?? [{ path: '', tensors, others: new Map(), beside: new Map() }];

/** A layer in another dictionary than any network's that reads as many as one of `widths`; undefined if there is none. */
export function layerElsewhere(file: TensorFile, widths: readonly number[]): string | undefined {
  for (const dict of dictsOf(file)) {
    if ([...plainNames(dict).keys()].some((name) => tellsRoot(name) !== undefined)) continue;
    const { path, tensors } = dict;
    for (const [name, { shape }] of tensors) {
      const whole = joined(path, name);
      if (isWeight(name) && shape.length === 2 && widths.includes(shape[1] as number) && !hasTrainersWord(whole)) return whole;
    }
  }
  return undefined;
}

const isWeight = (name: string): boolean => /(?:^|\.)weight$/.test(name);

/** A tensor of the network that a file was saved for, which none of `states` is, as all are averages or others' by their names; undefined if there is none. */
export function otherNetwork(file: TensorFile, states: readonly State[]): string | undefined {
  if (states.some(({ takenFrom }) => likelihood(takenFrom) < 2)) return undefined;
  for (const { path, tensors } of dictsOf(file))
    for (const [name, { shape }] of tensors) {
      const whole = joined(path, name);
      if (isWeight(name) && shape.length > 1 && !hasTrainersWord(whole)) return whole;
    }
  return undefined;
}

/** Where a network may begin in a dictionary. */
interface Place {
  readonly dict: StateDict;
  readonly names: ReadonlyMap<string, string>;
  /** What the network's names follow. */
  readonly prefix: string;
  /** Every module of the dictionary that a network lies in, at whatever depth. */
  readonly around: ReadonlySet<string>;
  /** Those that one begins in; empty for the dictionary itself. */
  readonly roots: ReadonlySet<string>;
  readonly takenFrom: string;
  /** As in a `State`. */
  readonly module: string;
}

/** A place for each prefix that is followed by a name which tells a family. */
function rootsIn(dict: StateDict): readonly Place[] {
  const names = plainNames(dict);
  const tellers = new Map<string, string>();
  for (const name of names.keys()) {
    const prefix = tellsRoot(name);
    if (prefix !== undefined && !tellers.has(prefix)) tellers.set(prefix, name);
  }
  const around = new Set([...tellers.keys()].flatMap(modulesOf));
  const roots = new Set(tellers.keys());
  return [...tellers].map(([prefix, teller]) => {
    const module = joined(dict.path, writtenPrefix(prefix, teller, names.get(teller) as string));
    // the file's only network need not be what it was saved for
    const takenFrom = tellers.size === 1 && likelihood(prefix) < 2 ? dict.path : module;
    return { dict, names, prefix, around, roots, takenFrom, module };
  });
}

/** `a.`, `a.b.` */
const modulesOf = (prefix: string): readonly string[] => [...prefix.matchAll(/\./g)].map(({ index }) => prefix.slice(0, index + 1));

function wholeOf(dict: StateDict): Place {
  const names = plainNames(dict);
  const tensors = [...names].flatMap(([plain, written]) => (dict.tensors.has(written) ? [plain] : []));
  return { dict, names, prefix: commonPrefix(tensors), around: new Set(), roots: new Set(), takenFrom: dict.path, module: dict.path };
}

/** Modules that trainers and compilers put around others, anywhere. */
const wrapper = String.raw`(?<=^|\.)(?:module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.`;
const wrappers = new RegExp(wrapper, 'g');
const wrapperAtEnd = new RegExp(`${wrapper}$`);

/** Names without the modules that only wrap others, and the names that the file has for them; as they are, if two would be called the same. */
export function plainNames({ tensors, others }: Pick<StateDict, 'tensors' | 'others'>): ReadonlyMap<string, string> {
  const names = [...tensors.keys(), ...others.keys()];
  const plain = new Map(names.map((name) => [name.replace(wrappers, ''), name]));
  return plain.size === names.length ? plain : new Map(names.map((name) => [name, name]));
}

/** A prefix as the file has it, without the dot and the wrappers at its end. */
function writtenPrefix(prefix: string, teller: string, written: string): string {
  const rest = teller.slice(prefix.length);
  let path = prefix;
  if (written !== teller && written.endsWith(rest)) {
    path = written.slice(0, written.length - rest.length);
    for (let end = wrapperAtEnd.exec(path.slice(-40)); end; end = wrapperAtEnd.exec(path.slice(-40))) path = path.slice(0, -end[0].length);
  }
  return path.replace(/\.$/, '');
}

function stateAt({ dict, names, prefix, around, roots, takenFrom, module }: Place, arch: string | undefined): State {
  const tensors = new Map<string, Stored>();
  const others = new Map<string, string>();
  const passedOver = new Map<string, string>();
  const outsiders = new Map<string, Outsider>();
  const kinds = dict.others;
  for (const [plain, written] of names) {
    const stored = dict.tensors.get(written);
    const name = plain.slice(prefix.length);
    if (batchCounter.test(written)) continue;
    const isOutside = !plain.startsWith(prefix);
    const within = isOutside && stored ? sharedModules(plain, prefix) : '';
    if (isOutside && stored && !roots.has(within) && !around.has(moduleBelow(plain, within)))
      outsiders.set(plain, { ...stored, written, within, apart: likelihood(prefix.slice(within.length)) === 2 });
    if (isOutside || counter.test(name) || around.has(moduleBelow(plain, prefix)))
      passedOver.set(written, kinds.get(written) ?? 'a tensor');
    else if (stored) tensors.set(name, stored);
    else others.set(name, kinds.get(written) as string);
  }
  const layers = new Map<string, LayerFacts>();
  for (const [written, facts] of dict.layers ?? []) {
    const plain = written.replace(wrappers, '');
    if (plain.startsWith(prefix)) layers.set(plain.slice(prefix.length), facts);
  }
  const told = familyOf(tensors, names, prefix, arch);
  return { takenFrom, module, tensors, others, layers, passedOver, around: outsiders, beside: () => dict.beside, ...told };
}

/** Batch norm's own, of which inference has no use. */
const batchCounter = /(?:^|\.)num_batches_tracked$/;

/** What profilers (thop) put into every module, averages beside their network, and training for quantisation beside every value that it watches. */
const counter = /(?:^|\.)total_(?:ops|params)$|^n_averaged$|(?:^|\.)(?:activation_post_process(?:_\d+)?|weight_fake_quant)\./;

function familyOf(
  tensors: ReadonlyMap<string, Stored>,
  names: ReadonlyMap<string, string>,
  prefix: string,
  arch: string | undefined,
): Pick<State, 'family' | 'sources' | 'because'> {
  const because = otherwise(arch);
  if (because !== undefined) return { family: 'unknown', sources: [], because };
  const detected = [...names.keys()].find((name) => detector.test(name));
  if (detected !== undefined)
    return {
      family: 'unknown',
      because: `${detected} belongs to a detector, which is none of the networks here; \`senet detect\` runs Faster R-CNN`,
    };
  for (const { name: family, tells, sources } of families)
    for (const name of tensors.keys())
      if (tells.test(name)) return { family, sources, because: `a tensor is called ${names.get(prefix + name)}` };
  return { family: 'unknown', because: 'no tensor has a name that tells' };
}

/** The modules that all names have in common. No network of the zoo is all below one module. */
const commonPrefix = ([first = '', ...others]: readonly string[]): string =>
  others.reduce((common, name) => sharedModules(name, common), first.slice(0, first.lastIndexOf('.') + 1));

/** The modules of `prefix`, which ends in a dot, in which a name lies too. */
function sharedModules(name: string, prefix: string): string {
  let same = 0;
  while (same < prefix.length && name[same] === prefix[same]) same++;
  return same === 0 ? '' : prefix.slice(0, prefix.lastIndexOf('.', same - 1) + 1);
}

const joined = (path: string, name: string): string => [path, name].filter((part) => part !== '').join('.');
