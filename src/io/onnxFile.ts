import { readRange, type Source } from './source.js';

const irField = 0x08;
const newestIr = 32;

/** Whether a file begins as ONNX's do: with a small number, the version of the format, and a second field (onnx.proto, ModelProto). */
export async function isOnnxFile(source: Source): Promise<boolean> {
  const [first = 0, version = 0, next = 0, , , , , , brace] = await readRange(source, 0, Math.min(9, source.size));
  // of safetensors the first eight bytes are a length, and JSON follows
  return first === irField && version > 0 && version <= newestIr && next >> 3 >= 2 && [0, 2].includes(next & 7) && brace !== 0x7b;
}
