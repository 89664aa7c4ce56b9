import { describe, expect, test } from 'vitest';
import { readOnnx } from '../../src/onnx/index.js';
import { imageShape } from '../../src/onnx/shape.js';
import { onnxFile } from '../support/files/onnx.js';

const shapeFor = async (shape: readonly (number | string)[]) =>
  imageShape(await readOnnx(onnxFile({ nodes: [['Relu', ['x'], ['y']]], inputs: [{ name: 'x', shape }] })));

describe('the shape of the image', () => {
  test('is that of the file', async () => {
    expect(await shapeFor([2, 1, 28, 30])).toEqual([2, 1, 28, 30]);
    expect(await shapeFor([2, 1])).toEqual([2, 1]);
  });

  test('is filled in where the file has a symbol or 0', async () => {
    expect(await shapeFor(['N', 3, 'H', 96])).toEqual([1, 3, 224, 96]);
    expect(await shapeFor([0, 3, 96, 0])).toEqual([1, 3, 96, 224]);
  });
});
