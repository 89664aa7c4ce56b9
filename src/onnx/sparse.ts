import { showShape } from '../errors.js';
import { heap } from '../io/budget.js';
import type { Field } from '../io/protobuf.js';
import { type Shape, sizeOf } from '../tensor.js';
import { damaged, type OnnxReading, who } from './reading.js';
import { type Constant, checkExtents, maxAxes, type OnnxTensor, readTensor, shownName } from './tensor.js';

/**
 * A SparseTensorProto of onnx.proto: values that are not 0, and where they lie, as numbers of elements or as an index for each axis, in ascending order. It is a
 * tensor like others once its values are read.
 */
export async function readSparse(from: OnnxReading, { begin, end }: Field): Promise<OnnxTensor> {
  const { reader, budget, loads } = from;
  const shape: number[] = [];
  let values: OnnxTensor | undefined;
  let indices: OnnxTensor | undefined;
  budget.spend(2 * heap.object + heap.dict, who);
  for await (const field of reader.fields(begin, end)) {
    const { number, wire } = field;
    if (number === 1 && wire === 'bytes') values = await readTensor(from, field);
    else if (number === 2 && wire === 'bytes') indices = await readTensor(from, field);
    else if (number === 3) shape.push(...(wire === 'bytes' ? await reader.packed(field, 'signed') : [field.signed]));
    if (shape.length > maxAxes) throw damaged(`a sparse tensor: expected at most ${maxAxes} extents, found more`);
  }
  if (values === undefined || indices === undefined) throw damaged('a sparse tensor: expected values and where they lie');
  const { name, type } = values;
  checkExtents(name, shape);
  from.dense.spend(sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT, who);
  let constant: Constant | undefined;
  const read = (): Constant => {
    constant ??= dense(name, shape, (values as OnnxTensor).read(), (indices as OnnxTensor).read());
    return constant;
  };
  const tensor: OnnxTensor = { name, type, shape, hollow: false, read };
  const parts = [loads.get(values), loads.get(indices)];
  loads.set(tensor, async (files) => {
    for (const load of parts) await load?.(files);
  });
  return tensor;
}

function dense(name: string, shape: Shape, values: Constant, indices: Constant): Constant {
  const { data: given, shape: list, ...type } = values;
  const perAxis = indices.shape.length === 2;
  const expected = perAxis ? [given.length, shape.length] : [given.length];
  if (list.length !== 1 || indices.kind !== 'int' || indices.shape.join() !== expected.join())
    throw damaged(`tensor ${shownName(name)}: expected a place for each of ${showShape(list)} values, found ${showShape(indices.shape)}`);
  const data = new (given.constructor as Float64ArrayConstructor)(sizeOf(shape));
  let last = -1;
  for (let i = 0; i < given.length; i++) {
    const at = perAxis
      ? shape.reduce((sum, extent, axis) => {
          const index = indices.data[i * shape.length + axis] as number;
          return index >= 0 && index < extent ? sum * extent + index : Number.NaN;
        }, 0)
      : (indices.data[i] as number);
    if (!(at > last && at < data.length))
      throw damaged(`tensor ${shownName(name)}: expected places within ${showShape(shape)} in ascending order, value ${i} has another`);
    data[at] = given[i] as number;
    last = at;
  }
  return { ...type, shape, data };
}
