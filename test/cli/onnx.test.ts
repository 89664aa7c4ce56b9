import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { external, onnxFile, type TensorPart } from '../support/files/onnx.js';
import { senet } from './senet.js';

const inspect = (name: string, ...flags: readonly string[]) => senet('inspect', `test/fixtures/onnx/${name}.onnx`, ...flags);

test('inspect says of an ONNX file what its operators, its SE blocks and their gates are', async () => {
  const { code, stdout } = await inspect('mobilenet_v3_small-narrow', '--json');
  const { format, opset, ops, seBlocks, unsupported } = JSON.parse(stdout);
  expect([code, format, opset, unsupported]).toEqual([0, 'onnx', 13, []]);
  expect(ops).toEqual({ Add: 7, Conv: 52, Flatten: 1, Gemm: 2, GlobalAveragePool: 10, HardSigmoid: 28, Mul: 28, Relu: 14 });
  expect(seBlocks).toHaveLength(9);
  expect(seBlocks[0]).toEqual({
    gate: '/features/features.1/block/block.1/scale_activation/HardSigmoid_output_0',
    activation: 'hardSigmoid',
    slope: 1 / 6,
    offset: 0.5,
    inner: 'relu',
    unusual: null,
  });
});

test('inspect exits with 1 where a node is not supported, and names it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'senet-onnx-'));
  const file = join(folder, 'strange.onnx');
  writeFileSync(file, onnxFile({ nodes: [['Det', ['x'], ['y']]], inputs: [{ name: 'x', shape: [1, 2, 2] }] }));
  const { code, stdout } = await senet('inspect', file);
  rmSync(folder, { recursive: true });
  expect(code).toBe(1);
  expect(stdout).toMatch(/\(Det\): this operator is not known/);
});

test('a file that is not there is one line that names it', async () => {
  const { code, stderr } = await senet('inspect', 'test/fixtures/onnx/none.onnx');
  expect(code).toBe(2);
  expect(stderr).toMatch(/none\.onnx: cannot be read/);
});

describe('a model whose weights are in another file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'senet-onnx-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (location: string): string => {
    const w: TensorPart = { name: 'w', shape: [2, 3, 1, 1], type: 1, stored: [external({ location, length: '24' })] };
    const file = join(folder, 'model.onnx');
    writeFileSync(
      file,
      onnxFile({ nodes: [['Conv', ['x', 'w'], ['y']]], initializers: [w], inputs: [{ name: 'x', shape: [1, 3, 8, 8] }] }),
    );
    return file;
  };

  test('is read with it', async () => {
    writeFileSync(join(folder, 'model.onnx.data'), new Uint8Array(24));
    const { code, stdout } = await senet('inspect', write('model.onnx.data'), '--json');
    expect([code, JSON.parse(stdout).ops]).toEqual([0, { Conv: 1 }]);
  });

  test('classifies', async () => {
    const w: TensorPart = { name: 'w', shape: [2, 3, 8, 8], type: 1, stored: [external({ location: 'classes.data' })] };
    const nodes = [
      ['Conv', ['x', 'w'], ['c']],
      ['Flatten', ['c'], ['y']],
    ] as const;
    writeFileSync(join(folder, 'classes.data'), new Uint8Array(4 * 2 * 3 * 8 * 8));
    writeFileSync(join(folder, 'classes.onnx'), onnxFile({ nodes, initializers: [w], inputs: [{ name: 'x', shape: [1, 3, 8, 8] }] }));
    const { code, stdout } = await senet('classify', '--weights', join(folder, 'classes.onnx'), 'assets/images/rocket.jpg', '--json');
    expect([code, JSON.parse(stdout).images?.length ?? 1]).toEqual([0, 1]);
  });

  test.each(['/etc/passwd', '../../etc/passwd'])(
    'is one line that names tensor and path where that leaves the folder: %s',
    async (path) => {
      const file = write(path);
      const { code, stdout, stderr } = await senet('inspect', file);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toBe(`senet: ${file}: onnx: tensor w: expected a file in the model's folder, found "${path}"\n`);
    },
  );
});
