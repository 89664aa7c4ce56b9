import type { Answer, ServedModel } from '../../models/model.js';
import { invalid } from '../errors.js';
import { labelOf, topClasses } from '../scores.js';
import type { InferRequest, OutputWanted } from './request.js';

export const outputName = 'logits';

/** The version of every model. Clients name it in addresses, so that a reload must not change it. */
export const modelVersion = '1';

/** A tensor of an answer, its values in the form of JSON or in bytes. */
interface OutputTensor {
  readonly datatype: 'FP32' | 'BYTES';
  readonly shape: readonly number[];
  readonly values: readonly (number | string)[] | Uint8Array;
}

/** An answer's body: JSON, and what follows it of the binary extension. */
export interface Encoded {
  readonly body: Buffer;
  /** Of the JSON, where bytes follow it. */
  readonly jsonLength: number | undefined;
}

/** The outputs that are asked for. @throws RequestError for others than the model has, or one twice */
export function wantedOf({ outputs, binary }: InferRequest, model: ServedModel): readonly OutputWanted[] {
  if (outputs === undefined || outputs.length === 0) return [{ name: outputName, binary, classification: undefined }];
  if (outputs.length > 1 || outputs[0]?.name !== outputName)
    throw invalid(`${model.name} has one output, ${outputName}; asked for ${outputs.map(({ name }) => JSON.stringify(name)).join(', ')}`);
  return outputs;
}

export function encoded(model: ServedModel, id: string | undefined, wanted: readonly OutputWanted[], answers: readonly Answer[]): Encoded {
  const pieces: Uint8Array[] = [];
  const outputs = wanted.map(({ name, binary, classification }) => {
    const { datatype, shape, values } =
      classification === undefined ? logits(model, answers, binary) : classes(model, answers, classification, binary);
    if (!(values instanceof Uint8Array)) return { name, datatype, shape, data: values };
    pieces.push(values);
    return { name, datatype, shape, parameters: { binary_data_size: values.length } };
  });
  const json = Buffer.from(
    JSON.stringify({ ...(id !== undefined && { id }), model_name: model.name, model_version: modelVersion, outputs }),
  );
  return pieces.length === 0 ? { body: json, jsonLength: undefined } : { body: Buffer.concat([json, ...pieces]), jsonLength: json.length };
}

function logits(model: ServedModel, answers: readonly Answer[], binary: boolean): OutputTensor {
  const all = new Float32Array(answers.length * model.classes);
  answers.forEach((answer, n) => {
    all.set(answer.logits, n * model.classes);
  });
  return { datatype: 'FP32', shape: [answers.length, model.classes], values: binary ? new Uint8Array(all.buffer) : Array.from(all) };
}

/** Triton's classification extension: `score:index:label` of the k best, without the label where there is none. */
function classes(model: ServedModel, answers: readonly Answer[], classification: number, binary: boolean): OutputTensor {
  const k = Math.min(classification, model.classes);
  const texts = answers.flatMap((answer) =>
    topClasses(answer.logits, k).map((index) =>
      [answer.logits[index], index, labelOf(answer, index)].filter((part) => part !== undefined).join(':'),
    ),
  );
  return { datatype: 'BYTES', shape: [answers.length, k], values: binary ? prefixed(texts) : texts };
}

function prefixed(texts: readonly string[]): Uint8Array {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
