import { SenetError, UnsupportedError, WeightsError } from '../errors.js';
import { type Shape, sizeOf } from '../tensor.js';
import { type Dtype, dtypes } from './dtype.js';
import { readRange, type Source } from './source.js';
import type { Stored } from './tensorFile.js';

/**
 * HDF5, as Keras writes it, read by jsfive (NIST's, in plain JavaScript), which is installed beside this package by those who have such files. It takes the file as a
 * whole, and throws whatever it meets.
 */

/** What of jsfive is used. */
interface Library {
  readonly File: new (file: ArrayBuffer, name: string) => LibraryGroup;
  readonly Group: new () => LibraryGroup;
  readonly Dataset: new () => LibraryDataset;
}

interface LibraryGroup {
  readonly keys: readonly string[];
  readonly attrs: Readonly<Record<string, unknown>>;
  get(name: string): unknown;
}

interface LibraryDataset {
  readonly shape: Shape;
  readonly dtype: unknown;
  readonly value: ArrayLike<number>;
}

const who = 'hdf5';
const damaged = (message: string, tensor?: string): WeightsError =>
  new WeightsError(`${who}: ${message}`, tensor === undefined ? {} : { tensor });

/** Far more than any network has: a file may lead in circles. */
const mostLinks = 2 ** 16;

/** By the package's own name, in a variable, so that bundlers for browsers do not look for it. */
async function library(name: string): Promise<Library> {
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  } catch (cause) {
    throw new UnsupportedError(`files of Keras (HDF5) are read by the package jsfive, which is not here: npm install jsfive`, { cause });
  }
}

/** The root of a file. @throws WeightsError for a damaged one; UnsupportedError where jsfive is not installed */
export async function openHdf5(source: Source, name = 'jsfive'): Promise<Hdf5Group> {
  const from = await library(name);
  const bytes = await readRange(source, 0, source.size);
  const buffer = bytes.buffer.byteLength === bytes.length ? bytes.buffer : bytes.slice().buffer;
  const file: Opened = { library: from, bytes: source.size, links: 0 };
  return new Hdf5Group(
    file,
    guarded('the file', () => new from.File(buffer as ArrayBuffer, '')),
  );
}

interface Opened {
  readonly library: Library;
  readonly bytes: number;
  /** How many links were followed. */
  links: number;
}

/** jsfive throws texts, and what engines throw at damaged places. */
function guarded<T>(what: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    if (cause instanceof SenetError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new WeightsError(`${who}: ${what}: expected what jsfive reads, found: ${found.slice(0, 200)}`, { cause });
  }
}

export class Hdf5Group {
  readonly #file: Opened;
  readonly #group: LibraryGroup;

  constructor(file: Opened, group: LibraryGroup) {
    this.#file = file;
    this.#group = group;
  }

  /** What is in it. */
  names(): readonly string[] {
    const names = guarded('a group', () => this.#group.keys);
    this.#follow(names.length);
    return names;
  }

  /** The texts of an attribute; of one that is too long for a header, h5py's habit of numbered parts. */
  texts(attribute: string): readonly string[] {
    const found = guarded(`attribute ${attribute}`, () => this.#group.attrs);
    const texts = (name: string): readonly string[] => [found[name]].flat().filter((value) => typeof value === 'string');
    if (Object.hasOwn(found, attribute)) return texts(attribute);
    const parts: string[] = [];
    for (let i = 0; Object.hasOwn(found, `${attribute}${i}`); i++) parts.push(...texts(`${attribute}${i}`));
    return parts;
  }

  group(path: string): Hdf5Group | undefined {
    const found = this.#get(path);
    return found instanceof this.#file.library.Group ? new Hdf5Group(this.#file, found) : undefined;
  }

  /** A tensor, whose name in messages is `name`. @throws WeightsError for extents that the file cannot fill */
  tensor(path: string, name: string): Stored | undefined {
    const found = this.#get(path);
    if (!(found instanceof this.#file.library.Dataset)) return undefined;
    const { shape, dtype } = guarded(`tensor ${name}`, () => ({ shape: found.shape, dtype: typeOf(found.dtype) }));
    // compressed values are no reason to believe any extent
    if (!(sizeOf(shape) * dtype.bytes <= 4 * this.#file.bytes))
      throw damaged(`tensor ${name}: expected extents that a file of ${this.#file.bytes} bytes holds, found [${shape.join(', ')}]`, name);
    return { dtype: dtype.name, shape, read: async () => ({ shape, data: valuesOf(found, dtype, shape, name) }) };
  }

  #get(path: string): unknown {
    this.#follow(1);
    const [first = '', ...rest] = path.split('/').filter((part) => part !== '');
    const names = guarded(`group ${path}`, () => this.#group.keys);
    if (!names.includes(first)) return undefined;
    const found = guarded(path, () => this.#group.get(first));
    if (rest.length === 0) return found;
    return found instanceof this.#file.library.Group ? new Hdf5Group(this.#file, found).#get(rest.join('/')) : undefined;
  }

  #follow(links: number): void {
    this.#file.links += links;
    if (this.#file.links > mostLinks) throw damaged(`expected at most ${mostLinks} groups and tensors`);
  }
}

/** jsfive tells types as numpy does; of those that it has no text for it gives a list. */
function typeOf(dtype: unknown): Dtype {
  const text = typeof dtype === 'string' ? dtype : 'another type';
  return (
    { '<f4': dtypes.F32, '<f8': dtypes.F64, '<f2': dtypes.F16, '<i8': dtypes.I64, '<i4': dtypes.I32 }[text] ?? { name: text, bytes: 1 }
  );
}

function valuesOf(dataset: LibraryDataset, dtype: Dtype, shape: Shape, name: string): Float32Array {
  if (dtype.read === undefined) throw damaged(`tensor ${name}: expected floating-point values, found ${dtype.name}`, name);
  const values = guarded(`tensor ${name}`, () => dataset.value);
  if (values?.length !== sizeOf(shape)) throw damaged(`tensor ${name}: expected ${sizeOf(shape)} values, found ${values?.length}`, name);
  return Float32Array.from(values);
}
