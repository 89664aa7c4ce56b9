import { concatBytes, text } from '../../../test/support/files/bytes.js';
import type { Draw } from '../../draw.js';
import { nearlyJson } from '../../make/json.js';
import { binaryRequest, element, type Json, jsonRequest, type Malformed, type Request, refused, side, values } from '../request.js';

/** Tensors, and the JSON around them. */

const shape = [1, 3, side, side];
const input = (data: unknown): Json => ({ name: 'image', datatype: 'FP32', shape, data });

/** Numbers that are no image of anything, but numbers. */
const numbers = (draw: Draw): readonly number[] => {
  const from = draw.whole(-8, 8);
  return Array.from({ length: values }, (_, at) => from + (at % 16) / 8);
};

/** A request that is sound, of every form that a tensor has. */
export function soundTensor(draw: Draw, picture: Uint8Array): Request {
  const kind = draw.whole(0, 4);
  if (kind === 0) return jsonRequest(text(JSON.stringify({ id: 'a', inputs: [input(numbers(draw))] })));
  const [datatype, bytes, extents] = draw.pick([
    ['FP32', new Uint8Array(Float32Array.from(numbers(draw)).buffer), shape],
    ['FP16', Uint8Array.from({ length: 2 * values }, () => 0x2e), shape],
    ['UINT8', Uint8Array.from({ length: values }, (_, at) => at), [1, side, side, 3]],
    ['BYTES', element(picture), [1]],
  ] as const);
  const image = { name: 'image', datatype, shape: extents, parameters: { binary_data_size: bytes.length } };
  return binaryRequest({ inputs: [image], parameters: { binary_data_output: draw.once(2) } }, bytes);
}

/** Fields of a request that is else sound, each with values that it cannot have. */
const wrongFields: readonly (readonly [path: readonly string[], ...values: readonly unknown[]])[] = [
  [['id'], 1, true, {}],
  [['inputs'], [], null, {}, 'x', [null], [1], [[]], [{}]],
  [['parameters'], [], 1, 'x', { binary_data_output: 1 }, { binary_data_output: 'true' }, { shared_memory_region: 'a' }],
  [['outputs'], {}, 1, 'x', [null], [{}], [{ name: 'x' }], [{ name: 'logits' }, { name: 'logits' }]],
  [['outputs'], ...[0, -1, '1', 1.5, {}].map((classification) => [{ name: 'logits', parameters: { classification } }])],
  [['outputs'], ...[1, 'yes', []].map((binary_data) => [{ name: 'logits', parameters: { binary_data } }])],
  [['inputs', '0', 'name'], 'x', '', 1, null, undefined, 'constructor'],
  [['inputs', '0', 'datatype'], 'INT8', 'fp32', '', 1, null, undefined, 'FP64', 'BYTES', 'FP16', '__proto__'],
  [['inputs', '0', 'shape'], [], [1], [1, 3, 32], [1, 3, 32, 33], [0, 3, 32, 32], [1, -3, 32, 32], [1.5, 3, 32, 32], ['1', 3, 32, 32]],
  [['inputs', '0', 'shape'], null, undefined, {}, 3072, [1, 3, 32, 32, 1], [2, 3, 32, 32], [33, 3, 32, 32], [2 ** 40, 3, 32, 32]],
  [['inputs', '0', 'shape'], [2 ** 53, 3, 32, 32], [1e300, 1, 1, 1], Array(20_000).fill(1), [[1, 3, 32, 32]]],
  [['inputs', '0', 'data'], null, undefined, {}, 'x', 1, [], [[]], [[[[1]]]], Array(values - 1).fill(1), Array(values + 1).fill(1)],
  [['inputs', '0', 'parameters'], [], 1, 'x', { binary_data_size: 4 }, { shared_memory_region: 'a' }],
];

function withField(value: unknown, [first, ...rest]: readonly string[], other: unknown): unknown {
  if (first === undefined) return other;
  if (Array.isArray(value)) return value.map((item, at) => (String(at) === first ? withField(item, rest, other) : item));
  const fields = value as Json;
  return { ...fields, [first]: withField(fields[first], rest, other) };
}

const fields = (draw: Draw): Malformed => {
  const [path, ...others] = draw.pick(wrongFields);
  const json = withField({ id: 'a', inputs: [input(numbers(draw))] }, path, draw.pick(others));
  return refused(jsonRequest(text(JSON.stringify(json))), 400, 413);
};

const numbersThatAreNone = (draw: Draw): Malformed => {
  const data: unknown[] = [...numbers(draw)];
  data[draw.whole(0, values - 1)] = draw.pick<unknown>([null, true, '1', 1e300, -1e39, [], {}, [1], '']);
  return refused(jsonRequest(text(JSON.stringify({ inputs: [input(data)] }))));
};

/** JSON that is cut, deep, wide, or of another encoding. */
function texts(draw: Draw): Malformed {
  const good = JSON.stringify({ inputs: [input(numbers(draw))] });
  const many = draw.whole(100_001, 120_000);
  return refused(
    jsonRequest(
      draw.pick<() => Uint8Array>([
        () => text(good.slice(0, draw.whole(0, good.length - 1))),
        () => text(`${good}${draw.pick(['x', '{}', ',', '\0', ']'])}`),
        () => text(`\u{feff}${good}`),
        () => concatBytes([text('{"inputs": "'), Uint8Array.of(draw.whole(0x80, 0xff)), text('"}')]),
        () => text('['.repeat(draw.whole(13, 100_000))),
        () => text(`{"inputs":[${'[],'.repeat(many)}[]]}`),
        () => text(`{"inputs":[{${Array.from({ length: 1001 }, (_, i) => `"${i}":1`).join()}}]}`),
        () => text(`{"inputs":${draw.pick(['NaN', 'Infinity', '01', '0x1', "'a'", '1.', '.5', '-', '+1', 'undefined'])}}`),
        () => new Uint8Array(draw.length(5000)),
        () => draw.bytes(draw.length(5000)),
      ])(),
    ),
  );
}

/** May be sound by chance. */
const nearly = (draw: Draw): Malformed =>
  refused(jsonRequest(nearlyJson(JSON.stringify({ id: 'a', parameters: {}, inputs: [input(numbers(draw))] }), draw)), 200, 400, 413);

/** Sizes and bytes that do not fit. */
function binary(draw: Draw): Malformed {
  const [datatype, bytes, extents] = draw.pick([
    ['FP32', new Uint8Array(4 * values), shape],
    ['FP16', new Uint8Array(2 * values), shape],
    ['UINT8', new Uint8Array(values), [1, side, side, 3]],
  ] as const);
  const tensor = (size: unknown, more: Json = {}): Json => ({
    inputs: [{ name: 'image', datatype, shape: extents, parameters: { binary_data_size: size }, ...more }],
  });
  const off = draw.pick([-1, 1, -4, 4, draw.whole(5, 1000)]);
  const length = JSON.stringify(tensor(bytes.length)).length;
  return refused(
    draw.pick<() => Request>([
      () => binaryRequest(tensor(bytes.length + off), bytes),
      () => binaryRequest(tensor(bytes.length), bytes.subarray(0, bytes.length - draw.whole(1, bytes.length))),
      () => binaryRequest(tensor(bytes.length), concatBytes([bytes, draw.bytes(draw.whole(1, 9))])),
      () => binaryRequest(tensor(bytes.length - 4), bytes.subarray(4)),
      () => binaryRequest(tensor(draw.pick<unknown>([-1, 1.5, '1', [], {}, 2 ** 53, 2 ** 60])), bytes),
      () => binaryRequest(tensor(bytes.length, { data: [1] }), bytes),
      () =>
        binaryRequest(
          tensor(bytes.length),
          bytes,
          draw.pick(['x', '-1', '1.5', '0x10', '1e2', '9'.repeat(16), String(length + off), '0', '1']),
        ),
      () => jsonRequest(concatBytes([text(JSON.stringify(tensor(bytes.length))), bytes])),
    ])(),
  );
}

/** Values in bytes that are no numbers of an image. */
const odd = (draw: Draw): Malformed => {
  const floats = Float32Array.from(numbers(draw));
  floats[draw.whole(0, values - 1)] = draw.pick([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  const image = { name: 'image', datatype: 'FP32', shape, parameters: { binary_data_size: 4 * values } };
  return refused(binaryRequest({ inputs: [image] }, new Uint8Array(floats.buffer)));
};

export const tensors: readonly ((draw: Draw) => Malformed)[] = [fields, numbersThatAreNone, texts, nearly, binary, odd];
