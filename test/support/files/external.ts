import { ProtobufReader } from '../../../src/io/protobuf.js';
import { bytesSource } from '../../../src/io/source.js';
import { concatBytes } from './bytes.js';
import { message } from './caffe.js';
import { external, int } from './onnx.js';

const [graphField, initializerField, rawField] = [7, 5, 9];

/** Smaller ones stay where they are, as with PyTorch's exporter. */
const least = 1024;

/** An ONNX file whose initializers' raw values are moved to another file, one behind the other, as exporters do with large models. */
export async function externalised(file: Uint8Array, location: string): Promise<{ readonly model: Uint8Array; readonly data: Uint8Array }> {
  const reader = new ProtobufReader(bytesSource(file));
  const values: Uint8Array[] = [];
  let at = 0;

  /** The fields of a message, those of a number changed. */
  async function rewritten(
    begin: number,
    end: number,
    number: number,
    change: (begin: number, end: number) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const fields: Uint8Array[] = [];
    for await (const field of reader.fields(begin, end)) {
      if (field.wire !== 'bytes') fields.push(int(field.number, field.signed));
      else if (field.number === number) fields.push(await change(field.begin, field.end));
      else fields.push(message(field.number, file.subarray(field.begin, field.end)));
    }
    return concatBytes(fields);
  }
  const moved = async (begin: number, end: number): Promise<Uint8Array> => {
    if (end - begin < least) return message(rawField, file.subarray(begin, end));
    const place = external({ location, offset: String(at), length: String(end - begin) });
    values.push(file.subarray(begin, end));
    at += end - begin;
    return place;
  };
  const tensor = async (begin: number, end: number) => message(initializerField, await rewritten(begin, end, rawField, moved));
  const graph = async (begin: number, end: number) => message(graphField, await rewritten(begin, end, initializerField, tensor));
  const model = await rewritten(0, file.length, graphField, graph);
  return { model, data: concatBytes(values) };
}
