import { WeightsError } from '../errors.js';
import { Budget } from '../io/budget.js';
import { ProtobufReader } from '../io/protobuf.js';
import type { Source } from '../io/source.js';
import type { Shape } from '../tensor.js';

/** What the readers of an ONNX file's messages share. */
export interface OnnxReading {
  readonly source: Source;
  readonly reader: ProtobufReader;
  readonly budget: Budget;
  /** What sparse tensors take once they are dense: networks whose weights are pruned have one in a hundred. */
  readonly dense: Budget;
  /** What takes each tensor's values into memory, by the tensor. */
  readonly loads: Map<object, Load>;
  /** Paths of the other files that tensors lie in, as the file has them. */
  readonly externalFiles: Set<string>;
}

/** Bytes that the sparse tensors of a small file may take once they are dense. */
const leastDense = 2 ** 24;

export const readingOf = (source: Source): OnnxReading => ({
  source,
  reader: new ProtobufReader(source),
  budget: new Budget(source.size),
  dense: new Budget(8 * source.size, leastDense),
  loads: new Map(),
  externalFiles: new Set(),
});

/** Where a tensor's values lie, if in another file (ExternalData of onnx.proto). */
export interface ExternalPlace {
  readonly tensor: string;
  /** From the model's folder, which it does not leave. */
  readonly path: string;
  readonly offset: number;
  /** @defaultValue what the tensor takes */
  readonly length: number | undefined;
}

/** What a tensor needs of a file. */
export interface Needed {
  readonly dtype: string;
  readonly shape: Shape;
  readonly bytes: number;
}

/** What reads places in other files; what is needed is unknown of a type that we do not read. */
export interface ExternalReader {
  read(place: ExternalPlace, needed: Needed | undefined): Promise<Uint8Array>;
}

/** Needs `files` where values lie in others. @throws WeightsError for values in another file that is not there, not in the model's folder, or does not hold them */
export type Load = (files?: ExternalReader) => Promise<void>;

export const who = 'onnx';
export const damaged = (message: string): WeightsError => new WeightsError(`${who}: ${message}`);
