import type { Graph } from '../graph/graph.js';
import { concat } from '../io/concat.js';
import { headerOf } from '../io/safetensors.js';
import type { IntegerDtype } from '../ops/quantised/quantisation.js';
import type { Tensor } from '../tensor.js';

const dtypes = { int8: 'I8', int32: 'I32', uint8: 'U8' } as const satisfies Readonly<Record<IntegerDtype, string>>;

/** A quantised network's tensors as a safetensors file: weights I8, biases and sums I32, the rest F32. */
export function quantisedFile(
  graph: Graph,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const kinds = new Map(graph.nodes.flatMap((node) => (node.op === 'param' ? [[node.attrs.name, node.attrs.dtype] as const] : [])));
  const entries = [...tensors].map(([name, tensor]) => ({ name, tensor, dtype: kinds.get(name) }));
  const ordered = [...entries.filter(({ dtype }) => dtype !== 'int8'), ...entries.filter(({ dtype }) => dtype === 'int8')];
  const header = headerOf(
    new Map(ordered.map(({ name, tensor: { shape }, dtype }) => [name, { shape, dtype: dtype ? dtypes[dtype] : ('F32' as const) }])),
    metadata,
  );
  return concat([header, ...ordered.map(({ tensor, dtype }) => bytesOf(tensor, dtype))]);
}

function bytesOf({ data }: Tensor, dtype: IntegerDtype | undefined): Uint8Array {
  const typed =
    dtype === undefined
      ? Float32Array.from(data)
      : dtype === 'int32'
        ? Int32Array.from(data)
        : dtype === 'int8'
          ? Int8Array.from(data)
          : Uint8Array.from(data);
  return new Uint8Array(typed.buffer);
}
