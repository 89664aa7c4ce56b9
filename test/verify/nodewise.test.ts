import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openOrtFile } from '../../reference/engines/ortFile.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { floatsFromHalves, halvesFromFloats } from '../../src/io/half.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { depthChart } from '../../src/report/depthChart.js';
import { nodewiseText } from '../../src/report/nodewise.js';
import type { Tensor } from '../../src/tensor.js';
import { compareEngines, type EngineRun, namedValues, withValues, writtenValues } from '../../src/verify/nodewise.js';

const graph = createModel('senet/se_resnet8_cifar10', { size: 16, gates: true });
const weights = syntheticWeights(graph, { seed: 3 });
const input = syntheticTensor('input', [1, 3, 16, 16], 3);
const named = namedValues(graph);
const float32 = evaluate(withValues(graph, named), reference(weights, { input }));

const runOf = (engine: string, change: ReadonlyMap<string, (tensor: Tensor) => Tensor> = new Map()): EngineRun => {
  const values = new Map([...float32].map(([name, tensor]) => [name, change.get(name)?.(tensor) ?? tensor]));
  return { engine, version: '1', values, outputs: values };
};

const faulty = 'layer2.0.conv1';
/** One value of a convolution is off by a share of it. */
const off =
  (share: number) =>
  ({ shape, data }: Tensor): Tensor => ({ shape, data: data.map((value: number, i: number) => (i === 5 ? value * (1 + share) : value)) });

test('each computed value has one name, that of a module before that of an output, in the order of the nodes', () => {
  expect(named.map(({ id }) => id)).toEqual(named.map(({ id }) => id).toSorted((a, b) => a - b));
  expect(new Set(named.map(({ id }) => id)).size).toBe(named.length);
  expect(named[0]?.name).toBe('conv1');
  const written = new Set(writtenValues(graph, named).map(({ name }) => name));
  expect([...written].filter((name) => /bn\d$/.test(name)).length).toBeLessThan([...written].length);
  expect(written.has('conv1'), 'a batch norm rides on it').toBe(false);
});

test('an engine that computes in float32 is within the bound throughout', () => {
  const { engines, tensors, firstBeyond } = compareEngines(graph, weights, input, [runOf('sound')]);
  expect(firstBeyond).toBeNull();
  expect(engines).toMatchObject([{ engine: 'sound', values: named.length, beyond: 0, firstBeyond: null }]);
  expect(engines[0]?.outputsFromFloat64).toBeGreaterThan(0);
  expect(tensors.every(({ engines: told }) => (told.sound?.ratio ?? 2) <= 1)).toBe(true);
});

test('what an engine gets wrong is named where it does, and not behind it; what others have there tells who is right', () => {
  const runs = [runOf('sound'), runOf('wrong', new Map([[faulty, off(2 ** -10)]]))];
  const compared = compareEngines(graph, weights, input, runs);
  expect(compared.firstBeyond).toMatchObject({ name: faulty, op: 'conv2d', engines: ['wrong'], nearest: 'sound' });
  const [sound, wrong] = compared.engines;
  expect(sound?.beyond).toBe(0);
  // what follows was computed from the right value, which the engine that tells a wrong one did not read
  expect(wrong?.firstBeyond).toBe(faulty);
  const { float64, errors } = compared.firstBeyond as NonNullable<typeof compared.firstBeyond>;
  expect(errors.wrong).toBeCloseTo(Math.abs(float64) * 2 ** -10, 4);
  expect(errors.sound).toBeLessThan(errors.wrong as number);
  const text = nodewiseText({ ...compared, file: 'net', input: { shape: input.shape, seed: 3 } });
  expect(text).toMatch(
    /first beyond its bound: layer2\.0\.conv1 \(conv2d\)\n {2}wrong at \[0, 0, 0, 5\]: expected .* nearest to it: sound/s,
  );
});

test.each([
  ['a NaN', Number.NaN],
  ['an infinity', Number.POSITIVE_INFINITY],
])('%s where a number should be is beyond every bound', (_, value) => {
  const broken = ({ shape, data }: Tensor): Tensor => ({
    shape,
    data: data.map((number: number, i: number) => (i === 0 ? value : number)),
  });
  const { engines } = compareEngines(graph, weights, input, [runOf('broken', new Map([[faulty, broken]]))]);
  expect(engines[0]).toMatchObject({ firstBeyond: faulty });
});

test('a value of another size is beyond every bound, and told with both shapes', () => {
  const half = ({ data }: Tensor): Tensor => ({ shape: [1, 16, 8, 16], data: data.slice(0, 16 * 8 * 16) });
  const runs = [runOf('sound'), runOf('short', new Map([['conv1', half]]))];
  const compared = compareEngines(graph, weights, input, runs);
  expect(compared.engines.map(({ engine, beyond, firstBeyond }) => [engine, beyond, firstBeyond])).toEqual([
    ['sound', 0, null],
    ['short', 1, 'conv1'],
  ]);
  expect(compared.firstBeyond).toMatchObject({ name: 'conv1', engines: ['short'], index: [], nearest: 'sound' });
  const about = { file: 'net', input: { shape: input.shape, seed: 3 } };
  expect(nodewiseText({ ...compared, ...about })).toMatch(
    /first beyond its bound: conv1 \(conv2d\)\n {2}short gives conv1 as \[1, 16, 8, 16\], where \[1, 16, 16, 16\] was expected$/,
  );
  expect(depthChart({ ...compared, ...about })).toContain('by short; nearest to float64: sound');
});

test('an output has the shape of the file, or is beyond every bound; and so is one of another size where nothing else was asked for', () => {
  const logits = float32.get('logits') as Tensor;
  const sized = (shape: readonly number[]): EngineRun => ({ ...runOf('file'), outputShapes: new Map([['logits', shape]]) });
  expect(compareEngines(graph, weights, input, [sized(logits.shape)]).firstBeyond).toBeNull();
  const wrong = compareEngines(graph, weights, input, [sized([2, 5])]);
  const misshapen = { name: 'logits', expected: [2, 5], found: [1, 10] };
  expect(wrong.tensors.find(({ engines }) => engines.file?.misshapen)?.engines.file).toMatchObject({ ratio: Infinity, misshapen });
  const short = { ...runOf('short'), outputs: new Map([...float32, ['logits', { shape: [1, 4], data: logits.data.slice(0, 4) }]]) };
  const { engines, firstBeyond } = compareEngines(graph, weights, input, [short]);
  expect(engines[0]).toMatchObject({ beyond: 1, outputsFromFloat64: Infinity });
  expect(firstBeyond?.engines).toEqual(['short']);
});

test('the chart has a dot a value and engine, larger ones beyond the bound, and escapes names', () => {
  const runs = [runOf('sound'), runOf('wrong', new Map([[faulty, off(2 ** -10)]]))];
  const compared = compareEngines(graph, weights, input, runs);
  const svg = depthChart({ ...compared, file: 'a<b>.onnx', input: { shape: input.shape, seed: 3 } });
  expect(svg.match(/<circle/g)).toHaveLength(2 * 2 * named.length);
  expect(svg.match(/r="4"/g)).toHaveLength(compared.engines[1]?.beyond ?? 0);
  expect(svg).toContain('a&lt;b');
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

describe('onnxruntime, whose values of a file are told by making them outputs', () => {
  const open = async (name: string, shape: readonly number[], inputType?: 'float16') => {
    const file = new Uint8Array(readFileSync(`test/fixtures/onnx/${name}.onnx`));
    const { graph: own, weights: ownWeights, inputName } = graphOfOnnx(await readOnnx(file), { input: shape });
    const values = namedValues(own).map((value) => value.name);
    const session = await openOrtFile(file, { values: values.filter((name) => name !== 'output') });
    const made = syntheticTensor('input', shape, 1);
    const image = inputType ? { shape, data: floatsFromHalves(halvesFromFloats(made.data)) } : made;
    const found = await session.run({ [inputName]: image });
    await session.dispose();
    return { own, ownWeights, image, found, values };
  };

  test('float32: every value that our graph has', async () => {
    const { own, ownWeights, image, found, values } = await open('mobilenet_v3_small-narrow', [1, 3, 64, 64]);
    expect(values.every((name) => found.has(name))).toBe(true);
    const { engines } = compareEngines(own, ownWeights, image, [{ engine: 'ort', version: '1', values: found, outputs: found }]);
    expect(engines[0]).toMatchObject({ values: values.length, beyond: 0 });
  });

  test('float16: within the bound of values that are rounded to it, and a wrong one beyond', async () => {
    const { own, ownWeights, image, found, values } = await open('senext-float16', [1, 3, 64, 64], 'float16');
    expect([...found.values()].every(({ half }) => half)).toBe(true);
    const compare = (changed: typeof found) =>
      compareEngines(own, ownWeights, image, [{ engine: 'ort', version: '1', values: changed, outputs: changed }]);
    expect(compare(found).engines[0]).toMatchObject({ values: values.length, beyond: 0 });
    const name = values[3] as string;
    const value = found.get(name) as Tensor;
    const largest = Math.max(...value.data.map(Math.abs));
    const wrong = { ...value, half: true, data: value.data.map((one: number, i: number) => (i === 0 ? one + largest : one)) };
    expect(compare(new Map([...found, [name, wrong]])).firstBeyond).toMatchObject({ name, engines: ['ort'] });
  });
});
