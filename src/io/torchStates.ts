import { WeightsError } from '../errors.js';
import { type Budget, heap } from './budget.js';
import { objectsIn, tensorIn as tensorOrArrayIn } from './pickledArrays.js';
import { bytesIn, dictOf, type Inert, isInert, type PickleValue } from './pickleValue.js';
import { likelihood } from './stateNames.js';
import type { StateDict, Stored, TensorFile } from './tensorFile.js';
import { factsOf, type LayerFacts } from './torchLayers.js';
import { isModule, stateDictOf } from './torchModules.js';
import { isTorch, type TorchTensor } from './torchObjects.js';
import type { TorchReader } from './torchTensors.js';

/** From the object in a PyTorch file to the dictionaries of tensors in it: trainers keep much beside a network's. */

type Dict = ReadonlyMap<PickleValue, PickleValue>;

/** The tensor that a value is, alone in a tuple too: a hook of PyTorch's is given its module's inputs so. */
const tensorIn = (value: PickleValue): TorchTensor | undefined =>
  tensorOrArrayIn(Array.isArray(value) && value.length === 1 ? (value[0] as PickleValue) : value);

/** Dictionaries in dictionaries that are looked at: trainers nest two or three. */
const deepest = 6;

/**
 * The dictionaries that hold tensors, wherever they lie: the likeliest to be a network's first.
 *
 * @throws WeightsError if there is none.
 */
export function torchStates(root: PickleValue, reader: TorchReader, budget: Budget): Omit<TensorFile, 'format'> {
  const dict = entriesIn(root, budget);
  if (dict === undefined || (isModule(root) && dict.size === 0))
    throw damaged(`expected a dictionary of tensors, found ${kindOf(root)}${isInert(root) ? '; save its state_dict() instead' : ''}`);
  const states = statesIn(dict, reader, budget);
  const [likeliest] = states;
  if (likeliest === undefined) throw damaged(`expected a dictionary of tensors, found one of ${entriesOf(dict)}`);
  return { metadata: scalarsOf(dict), tensors: likeliest.tensors, states };
}

/** The same, of what may hold none. */
export const statesIn = (dict: Dict, reader: TorchReader, budget: Budget): readonly StateDict[] =>
  placesIn(dict, budget)
    .filter(({ tensors }) => tensors > 0)
    .sort((a, b) => likelihood(a.path) - likelihood(b.path) || b.tensors - a.tensors)
    .map((place) => new TorchState(place, reader, budget));

/** A dictionary, and the one that holds it. */
interface Place {
  readonly dict: Dict;
  readonly path: string;
  /** How many of its entries are tensors. */
  readonly tensors: number;
  readonly within?: { readonly place: Place; readonly key: PickleValue };
}

/**
 * What a value holds by names: a dictionary, a module as its state dict, and of a list, or an array of NumPy's that holds objects, by their places, what of
 * it holds anything by names.
 */
function entriesIn(given: PickleValue, budget: Budget): Dict | undefined {
  const value = objectsIn(given) ?? given;
  if (!Array.isArray(value)) return dictOf(value) ?? stateDictOf(value, budget) ?? modulesIn(value, budget);
  const holders = value.flatMap((item, i) =>
    Array.isArray(item) || dictOf(item) !== undefined || isModule(item) || holdsModules(item) ? [[i, item] as const] : [],
  );
  if (holders.length === 0) return undefined;
  budget.spend(heap.dict + heap.entry * holders.length, 'torch');
  return new Map(holders);
}

/** Under which trainers that are pickled whole have their networks: fastai's `Learner` and others, and skorch's. */
const networkAttributes = ['model', 'module', 'module_', 'net', 'network'];

const holdsModules = (value: PickleValue): value is Inert =>
  isInert(value) && networkAttributes.some((name) => isModule(value.attributes?.get(name)));

/** The networks among a trainer's attributes. */
function modulesIn(value: PickleValue, budget: Budget): Dict | undefined {
  if (!holdsModules(value)) return undefined;
  budget.spend(heap.dict + heap.entry * networkAttributes.length, 'torch');
  return new Map(
    networkAttributes.flatMap((name) => {
      const module = value.attributes?.get(name);
      return isModule(module) ? [[name, module] as const] : [];
    }),
  );
}

/** Each dictionary once, though several keys may lead to it, the shallower first. */
function placesIn(root: Dict, budget: Budget): Place[] {
  const found: Place[] = [{ dict: root, path: '', tensors: countTensors(root) }];
  const seen = new Set<PickleValue | Dict>([root]);
  for (let depth = 0, begin = 0; depth < deepest && begin < found.length; depth++) {
    const end = found.length;
    for (; begin < end; begin++) {
      const place = found[begin] as Place;
      for (const [key, value] of place.dict) {
        const name = nameOf(key);
        if (name === undefined || seen.has(value)) continue;
        const dict = entriesIn(value, budget);
        if (dict === undefined) continue;
        seen.add(value);
        if (!holdsObjects(dict)) continue; // a log has one of numbers for each step
        const path = joined(place.path, name.slice(0, longestKey));
        budget.spend(heap.entry + 3 * heap.object + heap.text(path.length), 'torch');
        found.push({ dict, path, tensors: countTensors(dict), within: { place, key } });
      }
    }
  }
  return found;
}

/** Whether a dictionary holds anything but numbers, texts and nothing. */
function holdsObjects(dict: Dict): boolean {
  for (const value of dict.values()) if (value !== null && !isScalar(value)) return true;
  return false;
}

/** Of the name of a dictionary among dictionaries; those of tensors are as long as they are. */
const longestKey = 100;

/** What it holds is looked at when asked for: an optimizer keeps a dictionary a tensor. */
class TorchState implements StateDict {
  readonly path: string;
  readonly #place: Place;
  readonly #reader: TorchReader;
  readonly #budget: Budget;
  #tensors: ReadonlyMap<string, Stored> | undefined;
  #others: ReadonlyMap<string, string> | undefined;
  #beside: ReadonlyMap<string, string> | undefined;
  #layers: ReadonlyMap<string, LayerFacts> | undefined;

  constructor(place: Place, reader: TorchReader, budget: Budget) {
    this.path = place.path;
    this.#place = place;
    this.#reader = reader;
    this.#budget = budget;
  }

  get tensors(): ReadonlyMap<string, Stored> {
    this.#tensors ??= this.#readTensors();
    return this.#tensors;
  }

  get others(): ReadonlyMap<string, string> {
    this.#others ??= this.#readOthers();
    return this.#others;
  }

  get beside(): ReadonlyMap<string, string> {
    this.#beside ??= this.#readBeside();
    return this.#beside;
  }

  get layers(): ReadonlyMap<string, LayerFacts> {
    this.#layers ??= this.#readLayers();
    return this.#layers;
  }

  #readTensors(): ReadonlyMap<string, Stored> {
    const tensors = new Map<string, Stored>();
    for (const [key, value] of this.#place.dict) {
      const tensor = tensorIn(value);
      const name = tensor && nameOf(key);
      if (tensor === undefined || name === undefined) continue;
      this.#budget.spend(bytesOfStored, 'torch');
      tensors.set(name, this.#reader.stored(name, tensor));
    }
    return tensors;
  }

  #readOthers(): ReadonlyMap<string, string> {
    const others = new Map<string, string>();
    for (const [key, value] of this.#place.dict)
      if (tensorIn(value) === undefined && factsOf(value) === undefined) this.#note(others, '', key, value);
    return others;
  }

  #readLayers(): ReadonlyMap<string, LayerFacts> {
    const layers = new Map<string, LayerFacts>();
    for (const [key, value] of this.#place.dict) {
      const facts = typeof key === 'string' ? factsOf(value) : undefined;
      if (facts === undefined) continue;
      this.#budget.spend(bytesOfLayer, 'torch');
      layers.set(key as string, facts);
    }
    return layers;
  }

  #readBeside(): ReadonlyMap<string, string> {
    const beside = new Map<string, string>();
    for (let { within } = this.#place; within !== undefined; within = within.place.within)
      for (const [key, value] of within.place.dict) if (key !== within.key) this.#note(beside, within.place.path, key, value);
    return beside;
  }

  #note(entries: Map<string, string>, path: string, key: PickleValue, value: PickleValue): void {
    const name = joined(path, nameOf(key) ?? kindOf(key));
    this.#budget.spend(heap.entry + heap.text(name.length), 'torch');
    entries.set(name, kindOf(value));
  }
}

/** An entry, an object, and the function that reads it. */
const bytesOfStored = 256;

/** An entry, a map, and five entries of texts. */
const bytesOfLayer = 1024;

function countTensors(dict: Dict): number {
  let count = 0;
  for (const value of dict.values()) if (tensorIn(value) !== undefined) count++;
  return count;
}

/** What trainers keep beside the weights: epoch, architecture, accuracy. */
function scalarsOf(dict: Dict): Readonly<Record<string, string>> {
  const scalars = [...dict].filter(([key, value]) => typeof key === 'string' && isScalar(value));
  // never assigned one by one: a key may be `__proto__`
  return Object.fromEntries(scalars.map(([key, value]) => [key, String(value).slice(0, 200)]));
}

const entriesOf = (dict: Dict): string =>
  [...dict]
    .slice(0, 8)
    .map(([key, value]) => kindOf(key) + (isInert(value) ? ` (${kindOf(value)})` : ''))
    .join(', ') || 'nothing';

/** A value in a few words: it may be of any size or depth. */
export function kindOf(value: PickleValue): string {
  if (value === null || isScalar(value)) return String(value).slice(0, 80);
  if (Array.isArray(value)) return 'a list';
  if (isInert(value)) return value.what;
  if (value instanceof Map) return 'a dictionary';
  if (isTorch(value, 'tensor')) return 'a tensor';
  return isTorch(value, 'storage') ? 'a storage' : 'a name';
}

/** What a key is called; undefined for what is no name. Python 2 and flax write names as bytes. */
function nameOf(key: PickleValue): string | undefined {
  if (isScalar(key)) return String(key);
  const bytes = isInert(key) ? bytesIn(key) : undefined;
  return bytes && bytes.length <= longestBytes ? String.fromCharCode(...bytes.read()) : undefined;
}

/** Of a name that is bytes. */
const longestBytes = 1000;

const isScalar = (value: PickleValue): boolean => ['number', 'bigint', 'string', 'boolean'].includes(typeof value);
const joined = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
const damaged = (message: string): WeightsError => new WeightsError(`torch: ${message}`);
