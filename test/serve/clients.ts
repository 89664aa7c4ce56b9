/**
 * Requests as clients of the Open Inference Protocol form them, and answers as they read them, written from what their sources do:
 *
 *   Triton   github.com/triton-inference-server/client, src/python/library/tritonclient/http: _utils.py (`_get_inference_request`), _infer_input.py,
 *            _requested_output.py, _client.py (`infer`), _infer_result.py; as of 2026
 *   KServe   github.com/kserve/kserve, python/kserve/kserve: protocol/infer_type.py (`InferRequest.to_rest`, `InferResponse.from_bytes`),
 *            inference_client.py (`InferenceRESTClient.infer`); as of 2026
 *   MLServer github.com/SeldonIO/MLServer: its records are sent as `model_dump()` has them, null for every field that is not there
 */

export interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

export interface ClientInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  /** Binary, or values for JSON. */
  readonly data: Buffer | readonly unknown[];
}

/** BYTES: each element behind its length in 4 bytes. */
export const serialised = (...elements: readonly Buffer[]): Buffer =>
  Buffer.concat(elements.flatMap((bytes) => [Buffer.from(Uint32Array.of(bytes.length).buffer), bytes]));

/** Members in the order of the source; no type is said of the body, and the length of the JSON only where bytes follow it. */
export function tritonRequest(
  model: string,
  inputs: readonly ClientInput[],
  more: {
    readonly version?: string;
    readonly requestId?: string;
    /** With their classes counted; without any, all outputs are asked for as bytes. */
    readonly outputs?: readonly { readonly name: string; readonly binary: boolean; readonly classes?: number }[];
    readonly parameters?: Readonly<Record<string, unknown>>;
  } = {},
): Sent {
  const { version = '', requestId = '', outputs, parameters: custom } = more;
  const parameters = { ...(outputs === undefined && { binary_data_output: true }), ...custom };
  const json = Buffer.from(
    JSON.stringify({
      ...(requestId !== '' && { id: requestId }),
      inputs: inputs.map(({ name, shape, datatype, data }) =>
        Buffer.isBuffer(data) ? { name, shape, datatype, parameters: { binary_data_size: data.length } } : { name, shape, datatype, data },
      ),
      ...(outputs && {
        outputs: outputs.map(({ name, binary, classes }) => ({
          name,
          parameters: { ...(classes && { classification: classes }), binary_data: binary },
        })),
      }),
      ...(Object.keys(parameters).length > 0 && { parameters }),
    }),
  );
  const bytes = inputs.flatMap(({ data }) => (Buffer.isBuffer(data) ? [data] : []));
  return {
    url: `/v2/models/${encodeURIComponent(model)}${version === '' ? '' : `/versions/${version}`}/infer`,
    headers: bytes.length === 0 ? {} : { 'Inference-Header-Content-Length': String(json.length) },
    payload: Buffer.concat([json, ...bytes]),
  };
}

/** An id always, and the model's name in the body; the type of bytes where bytes are sent. */
export function kserveRequest(
  model: string,
  inputs: readonly ClientInput[],
  more: { readonly id?: string; readonly outputs?: readonly object[]; readonly parameters?: object } = {},
): Sent {
  const { id = '4b1cd1b6-3d4e-4d9e-8f0c-5f2f0e7a4b52', outputs, parameters } = more;
  const json = Buffer.from(
    JSON.stringify({
      id,
      model_name: model,
      inputs: inputs.map(({ name, shape, datatype, data }) =>
        Buffer.isBuffer(data) ? { name, shape, datatype, parameters: { binary_data_size: data.length } } : { name, shape, datatype, data },
      ),
      ...(outputs && { outputs }),
      ...(parameters && { parameters }),
    }),
  );
  const bytes = inputs.flatMap(({ data }) => (Buffer.isBuffer(data) ? [data] : []));
  return {
    url: `/v2/models/${model}/infer`,
    headers:
      bytes.length === 0 ? {} : { 'inference-header-content-length': String(json.length), 'content-type': 'application/octet-stream' },
    payload: Buffer.concat([json, ...bytes]),
  };
}

export const mlserverRequest = (model: string, { name, shape, datatype, data }: ClientInput): Sent => ({
  url: `/v2/models/${model}/infer`,
  headers: { 'content-type': 'application/json' },
  payload: Buffer.from(
    JSON.stringify({ id: null, parameters: null, inputs: [{ name, shape, datatype, parameters: null, data }], outputs: null }),
  ),
});

/** An output as both clients read it: from the bytes behind the JSON, in the order of the outputs, or from `data`. */
export function readOutput(name: string, headers: Readonly<Record<string, unknown>>, body: Buffer): readonly (number | string)[] {
  const length = headers['inference-header-content-length'];
  const begin = length === undefined ? body.length : Number(length);
  const { outputs } = JSON.parse(body.toString('utf8', 0, begin)) as { readonly outputs: readonly OutputJson[] };
  let at = begin;
  for (const output of outputs) {
    const size = output.parameters?.binary_data_size;
    const bytes = body.subarray(at, at + (size ?? 0));
    at += size ?? 0;
    if (output.name !== name) continue;
    const values = size === undefined ? (output.data as readonly (number | string)[]) : deserialised(output.datatype, bytes);
    const count = output.shape.reduce((product, extent) => product * extent, 1);
    if (values.length !== count) throw new Error(`cannot reshape ${values.length} values to ${output.shape}`); // as numpy would
    return values;
  }
  throw new Error(`no output ${name}`);
}

interface OutputJson {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly parameters?: { readonly binary_data_size?: number };
  readonly data?: readonly (number | string)[];
}

function deserialised(datatype: string, bytes: Buffer): readonly (number | string)[] {
  if (datatype === 'FP32') return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    texts.push(bytes.toString('utf8', at + 4, end));
    at = end;
  }
  return texts;
}
