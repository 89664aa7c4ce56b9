import { invalid } from '../errors.js';
import { parseJson } from './json.js';

/** A tensor of a request: `data` is what JSON had, or its bytes of the binary extension. */
export interface InputTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly unknown[] | Uint8Array;
}

export interface OutputWanted {
  readonly name: string;
  readonly binary: boolean;
  /** Of how many classes to answer score, index and label, in the place of the logits. */
  readonly classification: number | undefined;
}

export interface InferRequest {
  readonly id: string | undefined;
  readonly inputs: readonly InputTensor[];
  /** Undefined where the request leaves it to the model. */
  readonly outputs: readonly OutputWanted[] | undefined;
  /** Whether outputs that are not named are binary. */
  readonly binary: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Clients that print every field of a record print null for those that are not there. */
const absentIfNull = (value: unknown): unknown => value ?? undefined;

/**
 * The body of `infer` (Open Inference Protocol v2, with the binary tensor data extension).
 *
 * @param jsonLength what `Inference-Header-Content-Length` says; undefined where all is JSON
 * @throws RequestError naming the field
 */
export function parseInferRequest(body: Uint8Array, jsonLength: string | undefined): InferRequest {
  const length = jsonLength === undefined ? body.length : wholeNumber(jsonLength);
  if (length === undefined || length > body.length)
    throw invalid(
      `Inference-Header-Content-Length is a number of bytes up to the body's ${body.length}, not ${JSON.stringify(jsonLength)}`,
    );
  const request = fields(parseJson(body.subarray(0, length)), 'the request');
  const parameters = parametersOf(request, 'the request');
  const binary = flag(parameters, 'binary_data_output', 'parameters') ?? false;
  const { inputs } = request;
  const [id, outputs] = [absentIfNull(request.id), absentIfNull(request.outputs)];
  if (id !== undefined && typeof id !== 'string') throw invalid('id is a string');
  if (!Array.isArray(inputs) || inputs.length === 0) throw invalid('inputs is a list of at least one tensor');
  if (outputs !== undefined && !Array.isArray(outputs)) throw invalid('outputs is a list');
  const rest = { bytes: body.subarray(length), at: 0 };
  const tensors = inputs.map((input, at) => inputOf(input, `inputs[${at}]`, rest));
  if (rest.at !== rest.bytes.length)
    throw invalid(`${rest.bytes.length} bytes follow the JSON, of which the inputs' binary_data_size take ${rest.at}`);
  return { id, inputs: tensors, outputs: outputs?.map((output, at) => outputOf(output, `outputs[${at}]`, binary)), binary };
}

function inputOf(value: unknown, where: string, rest: { readonly bytes: Uint8Array; at: number }): InputTensor {
  const input = fields(value, where);
  const { name, datatype, shape } = input;
  const data = absentIfNull(input.data);
  if (typeof name !== 'string') throw invalid(`${where}.name is a string`);
  if (typeof datatype !== 'string') throw invalid(`${where}.datatype is a string`);
  if (!Array.isArray(shape) || !shape.every(isExtent)) throw invalid(`${where}.shape is a list of whole numbers from 0`);
  const size = absentIfNull(parametersOf(input, where).binary_data_size);
  if (size === undefined) {
    if (!Array.isArray(data)) throw invalid(`${where} needs data, or parameters.binary_data_size and its bytes behind the JSON`);
    return { name, datatype, shape, data };
  }
  if (data !== undefined) throw invalid(`${where} has data and parameters.binary_data_size: one of them`);
  const { bytes, at } = rest;
  if (!isExtent(size) || size > bytes.length - at)
    throw invalid(`${where}.parameters.binary_data_size is a number of the ${bytes.length - at} bytes left behind the JSON`);
  rest.at += size;
  return { name, datatype, shape, data: bytes.subarray(at, at + size) };
}

function outputOf(value: unknown, where: string, binaryByDefault: boolean): OutputWanted {
  const output = fields(value, where);
  if (typeof output.name !== 'string') throw invalid(`${where}.name is a string`);
  const parameters = parametersOf(output, where);
  const classification = absentIfNull(parameters.classification);
  if (classification !== undefined && !(isExtent(classification) && classification > 0))
    throw invalid(`${where}.parameters.classification is a whole number from 1`);
  return { name: output.name, binary: flag(parameters, 'binary_data', `${where}.parameters`) ?? binaryByDefault, classification };
}

function fields(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${where} is an object`);
  return value as Fields;
}

function parametersOf({ parameters }: Fields, where: string): Fields {
  const found = fields(parameters ?? {}, `${where}.parameters`);
  if (absentIfNull(found.shared_memory_region) !== undefined) throw invalid(`${where}: shared memory is not supported`);
  return found;
}

function flag(parameters: Fields, name: string, where: string): boolean | undefined {
  const value = absentIfNull(parameters[name]);
  if (value !== undefined && typeof value !== 'boolean') throw invalid(`${where}.${name} is true or false`);
  return value;
}

const isExtent = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const wholeNumber = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);
