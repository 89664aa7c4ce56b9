import { createHash } from 'node:crypto';
import { bytesIn, type Tensor } from '../../src/tensor.js';
import { bytesOf } from './files/bytes.js';

/** Tensors in their order, with a digest for their values: told apart bit by bit, and without a comparison by `expect` of each of a million numbers. */
export const bitsOf = (tensors: Iterable<readonly [string, Tensor]>): readonly (readonly [string, ...unknown[]])[] =>
  [...tensors].map(([name, tensor]) => {
    const values = bytesIn(tensor) ?? tensor.data;
    return [name, tensor.shape, values.constructor.name, createHash('sha1').update(bytesOf(values)).digest('hex')];
  });
