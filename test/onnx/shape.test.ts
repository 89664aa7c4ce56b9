import { describe, expect, test } from 'vitest';
import { readOnnx } from '../../src/onnx/index.js';
import { imageShape } from '../../src/onnx/shape.js';
import { onnxFile } from '../support/files/onnx.js';

const shapeFor = async (shape: readonly (number | string)[], size?: readonly [number, number]) =>
  imageShape(await readOnnx(onnxFile({ nodes: [['Relu', ['x'], ['y']]], inputs: [{ name: 'x', shape }] })), { size });

describe('the shape of the image', () => {
  test('is that of the file', async () => {
    expect(await shapeFor([2, 1, 28, 30])).toEqual([2, 1, 28, 30]);
    expect(await shapeFor([2, 1])).toEqual([2, 1]);
  });

  test('is filled in where the file has a symbol or 0', async () => {
    expect(await shapeFor(['N', 3, 'H', 96])).toEqual([1, 3, 224, 96]);
    expect(await shapeFor([0, 3, 96, 0])).toEqual([1, 3, 96, 224]);
  });

  test('may have its channels last', async () => {
    expect(await shapeFor(['N', 'H', 'W', 3])).toEqual([1, 224, 224, 3]);
    expect(await shapeFor(['N', 64, 0, 3])).toEqual([1, 64, 224, 3]);
    expect(await shapeFor(['N', 3, 'H', 3])).toEqual([1, 3, 224, 3]);
    expect(await shapeFor([2, 'H', 'W', 3], [96, 128])).toEqual([2, 96, 128, 3]);
  });
});
