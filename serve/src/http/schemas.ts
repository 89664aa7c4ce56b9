import { errorCodes } from './errors.js';

/** The JSON of requests and answers, as JSON Schema: the components of the OpenAPI document. */

const text = { type: 'string' } as const;
const strings = { type: 'array', items: text } as const;
const shape = { type: 'array', items: { type: 'integer' } } as const;
const parameters = { type: 'object' } as const;
/** Of requests: null is as if it were not there. */
const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const object = (properties: Readonly<Record<string, object>>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const tensors = (name: string) => ({ type: 'array', items: ref(name), minItems: 1 });

export const schemas = {
  Error: object({
    error: text,
    code: { enum: errorCodes },
  }),
  Server: object({ name: text, version: text, extensions: strings }),
  Live: object({ live: { const: true } }),
  Ready: object({ ready: { const: true } }),
  NotReady: object({ ready: { const: false }, name: text, error: text, code: { const: 'unavailable' } }, ['name']),
  ModelReady: object({ name: text, ready: { const: true } }),
  Model: object({ name: text, versions: strings, platform: text, inputs: tensors('TensorMetadata'), outputs: tensors('TensorMetadata') }),
  TensorMetadata: object({ name: text, datatype: text, shape, parameters }, ['parameters']),
  Data: { type: 'array', items: { anyOf: [ref('Data'), { type: 'number' }, text] } },
  InferRequest: object(
    {
      id: orNull(text),
      parameters: orNull(parameters),
      inputs: tensors('InputTensor'),
      outputs: orNull({ type: 'array', items: ref('WantedOutput') }),
    },
    ['id', 'parameters', 'outputs'],
  ),
  InputTensor: object(
    {
      name: text,
      datatype: { enum: ['FP32', 'FP16', 'UINT8', 'BYTES'] },
      shape,
      parameters: orNull(parameters),
      data: orNull(ref('Data')),
    },
    ['parameters', 'data'],
  ),
  WantedOutput: object({ name: text, parameters: orNull(parameters) }, ['parameters']),
  InferResponse: object({ id: text, model_name: text, model_version: text, outputs: tensors('OutputTensor') }, ['id']),
  OutputTensor: object({ name: text, datatype: { enum: ['FP32', 'BYTES'] }, shape, parameters, data: ref('Data') }, ['parameters', 'data']),
  Classification: object(
    {
      model: text,
      top: {
        type: 'array',
        minItems: 1,
        items: object({
          index: { type: 'integer' },
          label: { type: ['string', 'null'] },
          probability: { type: 'number', minimum: 0, maximum: 1 },
        }),
      },
      gates: { type: 'object', additionalProperties: { type: 'array', items: { type: 'number' } } },
    },
    ['gates'],
  ),
} as const;
