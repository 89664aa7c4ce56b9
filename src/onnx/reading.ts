import { WeightsError } from '../errors.js';
import type { Budget } from '../io/budget.js';
import type { ProtobufReader } from '../io/protobuf.js';

/** What the readers of an ONNX file's messages share. */
export interface OnnxReading {
  readonly bytes: Uint8Array;
  readonly reader: ProtobufReader;
  readonly budget: Budget;
}

export const who = 'onnx';
export const damaged = (message: string): WeightsError => new WeightsError(`${who}: ${message}`);
