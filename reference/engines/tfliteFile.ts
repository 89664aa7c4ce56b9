import { Builder, type Offset } from 'flatbuffers';
import { operators, type TfliteModel, type TfliteOperator, type TfliteQuantisation, type TfliteTensor } from './tflitePlain.js';

const tensorType = { float32: 0, int32: 2, int8: 9 } as const;
const schemaVersion = 3;

/** What a .tflite file holds. */
export function encodeTflite({ tensors, operators: nodes, inputs, outputs }: TfliteModel): Uint8Array {
  const to = new Builder(2 ** 20);
  const names = [...tensors.keys()];
  const indexOf = new Map(names.map((name, i) => [name, i]));
  const indices = (of: readonly string[]): Offset => vector(to, 4, of, (name) => to.addInt32(indexOf.get(name) as number));
  const used = [...new Set(nodes.map(({ op }) => op))];

  // buffer 0 is empty, and stands for every value that is computed
  const buffers = [table(to, 1, () => undefined)];
  const tensorTables = [...tensors].map(([name, tensor]) => {
    const { shape, data, quantisation } = tensor;
    const buffer = data === undefined ? 0 : buffers.push(bufferOf(to, data)) - 1;
    const extents = vector(to, 4, shape, (extent) => to.addInt32(extent));
    const text = to.createString(name);
    const quantised = quantisation === undefined ? 0 : quantisationOf(to, quantisation);
    return table(to, 5, () => {
      to.addFieldOffset(0, extents, 0);
      to.addFieldInt8(1, tensorType[typeOf(tensor)], 0);
      to.addFieldInt32(2, buffer, 0);
      to.addFieldOffset(3, text, 0);
      to.addFieldOffset(4, quantised, 0);
    });
  });
  const operatorTables = nodes.map(({ op, inputs: from, output, options }) => {
    const [reads, writes] = [indices(from), indices([output])];
    const given = operators[op].options === 0 ? 0 : optionsOf(to, op, options ?? {});
    return table(to, 5, () => {
      to.addFieldInt32(0, used.indexOf(op), 0);
      to.addFieldOffset(1, reads, 0);
      to.addFieldOffset(2, writes, 0);
      to.addFieldInt8(3, operators[op].options, 0);
      to.addFieldOffset(4, given, 0);
    });
  });
  const [tensorList, inputList, outputList, operatorList] = [
    offsets(to, tensorTables),
    indices(inputs),
    indices(outputs),
    offsets(to, operatorTables),
  ];
  const graph = table(to, 4, () => {
    to.addFieldOffset(0, tensorList, 0);
    to.addFieldOffset(1, inputList, 0);
    to.addFieldOffset(2, outputList, 0);
    to.addFieldOffset(3, operatorList, 0);
  });
  const codes = used.map((op) =>
    table(to, 4, () => {
      to.addFieldInt8(0, Math.min(operators[op].code, 127), 0);
      to.addFieldInt32(2, 1, 0);
      to.addFieldInt32(3, operators[op].code, 0);
    }),
  );
  const [codeList, graphList, bufferList] = [offsets(to, codes), offsets(to, [graph]), offsets(to, buffers)];
  const model = table(to, 5, () => {
    to.addFieldInt32(0, schemaVersion, 0);
    to.addFieldOffset(1, codeList, 0);
    to.addFieldOffset(2, graphList, 0);
    to.addFieldOffset(4, bufferList, 0);
  });
  to.finish(model, 'TFL3');
  return to.asUint8Array();
}

/** What is computed is int8 if it stands for something else, and else a float. */
const typeOf = ({ data, quantisation }: TfliteTensor): keyof typeof tensorType =>
  data instanceof Int32Array ? 'int32' : quantisation !== undefined ? 'int8' : 'float32';

function quantisationOf(to: Builder, { scales, zeroPoints, axis }: TfliteQuantisation): Offset {
  const factors = vector(to, 4, scales, (scale) => to.addFloat32(scale));
  const zeros = vector(to, 8, zeroPoints, (zeroPoint) => to.addInt64(BigInt(zeroPoint)));
  return table(to, 7, () => {
    to.addFieldOffset(2, factors, 0);
    to.addFieldOffset(3, zeros, 0);
    to.addFieldInt32(6, axis, 0);
  });
}

function table(to: Builder, fields: number, write: () => void): Offset {
  to.startObject(fields);
  write();
  return to.endObject();
}

function vector<T>(to: Builder, bytes: number, items: readonly T[], add: (item: T) => void): Offset {
  to.startVector(bytes, items.length, bytes);
  for (const item of [...items].reverse()) add(item);
  return to.endVector();
}

const offsets = (to: Builder, items: readonly Offset[]): Offset => vector(to, 4, items, (item) => to.addOffset(item));

/** Constants are aligned to 16 bytes, as the engine's kernels read them where they lie. */
function bufferOf(to: Builder, data: NonNullable<TfliteTensor['data']>): Offset {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  to.prep(16, bytes.length);
  const contents = to.createByteVector(bytes);
  return table(to, 1, () => to.addFieldOffset(0, contents, 0));
}

function optionsOf(to: Builder, op: TfliteOperator['op'], options: Readonly<Record<string, number>>): Offset {
  const { fields } = operators[op];
  return table(to, fields.length, () => {
    fields.forEach((field: string, slot) => {
      const [name, type] = field.split(':') as [string, string];
      const value = options[name];
      if (value === undefined) return;
      if (type === 'byte') to.addFieldInt8(slot, value, -1);
      else if (type === 'int') to.addFieldInt32(slot, value, -1);
      else to.addFieldFloat32(slot, value, Number.NaN);
    });
  });
}
