import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError, ShapeError } from '../../src/errors.js';
import { count, macsOf, parameters } from '../../src/graph/count.js';
import type { Graph } from '../../src/graph/graph.js';
import { createModel, findModel, listModels } from '../../src/models/index.js';
import type { Node } from '../../src/ops/op.js';
import type { Shape } from '../../src/tensor.js';

/** A published network: what its checkpoint holds. A bn entry p: C stands for p.weight, p.bias, p.running_mean, p.running_var, each [C]. */
interface Published {
  readonly params: number;
  readonly macs: number;
  readonly input: number;
  readonly bn: Readonly<Record<string, number>>;
  readonly tensors: Readonly<Record<string, Shape>>;
}
interface Family {
  readonly source: string;
  readonly models: Readonly<Record<string, Published>>;
}

const fixtures = new URL('../fixtures/', import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, fixtures), 'utf8'));

const published = new Map<string, Published>(
  readdirSync(new URL('checkpoints/', fixtures)).flatMap((file) => {
    const { source, models } = read(`checkpoints/${file}`) as Family;
    return Object.entries(models).map(([name, row]) => [`${source}/${name}`, row] as const);
  }),
);

const norms = ['weight', 'bias', 'running_mean', 'running_var'];
/** Without the names of modules, which are the library's. */
const nameless = ({ modules: _, features = new Map(), ...graph }: Graph) => ({ ...graph, features: [...features.values()] });
const listed = (graph: Graph) => parameters(graph).map(({ name, shape }) => [name, shape] as const);

/** Networks without a published list: docs/spec/zoo.md §7.1 and §8; ResNet-8, 14 and 20 of bottlenecks by hand, from the convolutions of He 2016, §4.1 and 4.2; RegNetY's from torchvision 0.14.1 and from modules of timm's definition. */
const unpublished: readonly (readonly [id: string, params: number, macs: number])[] = [
  ['senet/resnet8_cifar10', 78_042, 12_501_632],
  ['senet/resnet14_cifar10', 175_258, 26_657_408],
  ['senet/resnet20bn_cifar10', 220_378, 33_737_216],
  ['senet/resnet20x2_cifar10', 1_080_090, 157_730_048],
  ['senet/se_resnet8_cifar10', 78_833, 12_502_304],
  ['senet/se_resnet14_cifar10', 176_840, 26_658_752],
  ['senet/se_resnet20bn_cifar10', 307_514, 33_823_232],
  ['senet/se_resnet20x2_cifar10', 1_113_186, 157_762_304],
  ['senet/preresnet110_cifar10', 1_730_522, 253_149_824],
  ['senet/se_preresnet110_cifar10', 1_744_760, 253_161_920],
  ['senet/preresnet164_cifar10', 1_703_258, 247_646_720],
  ['senet/se_preresnet164_cifar10', 1_905_362, 247_840_256],
  ['senet/wrn16_8_cifar10', 10_961_370, 1_548_145_664],
  ['senet/se_wrn16_8_cifar10', 11_049_290, 1_548_231_680],
  ['senet/se_vgg16_bn', 138_596_784, 15_470_490_624],
  ['senet/bninception', 11_285_224, 2_032_600_064],
  ['senet/se_bninception', 11_931_622, 2_033_239_424],
  ['senet/se_inception_resnet_v2', 64_387_444, 13_164_289_376],
  ['senet/se_inception_resnet_v2_mixed', 65_092_718, 13_164_990_944],
  ['senet/se_mobilenetv1_100', 4_718_044, 569_220_096],
  ['senet/se_shufflenet_g3_w1', 2_484_533, 138_071_088],
  ['timm/regnety_006', 6_055_160, 601_220_992],
  ['timm/regnety_008_tv', 6_432_512, 833_856_256],
  ['timm/regnety_064', 30_583_252, 6_355_204_992],
  ['timm/regnety_080', 39_180_068, 7_963_057_312],
  ['timm/regnety_080_tv', 39_381_472, 8_473_070_592],
  ['timm/regnety_120', 51_822_544, 12_092_376_576],
  ['torchvision/regnet_y_8gf', 39_381_472, 8_473_070_592],
  ['torchvision/regnet_y_16gf', 83_590_140, 15_911_510_272],
];

/** The authors' Caffe files and Cadene's ports of them, with timm's names for the ports, or of a network of the project. */
const ported: readonly (readonly [id: string, port: string])[] = [
  ['caffe/SE-ResNet-50', 'timm/legacy_seresnet50'],
  ['caffe/SE-ResNet-101', 'timm/legacy_seresnet101'],
  ['caffe/SE-ResNet-152', 'timm/legacy_seresnet152'],
  ['caffe/SE-ResNeXt-50', 'timm/legacy_seresnext50_32x4d'],
  ['caffe/SE-ResNeXt-101', 'timm/legacy_seresnext101_32x4d'],
  ['caffe/SENet-154', 'timm/legacy_senet154'],
  ['cadene/se_resnet50', 'timm/legacy_seresnet50'],
  ['cadene/se_resnet101', 'timm/legacy_seresnet101'],
  ['cadene/se_resnet152', 'timm/legacy_seresnet152'],
  ['cadene/se_resnext50_32x4d', 'timm/legacy_seresnext50_32x4d'],
  ['cadene/se_resnext101_32x4d', 'timm/legacy_seresnext101_32x4d'],
  ['cadene/senet154', 'timm/legacy_senet154'],
  ['caffe/SE-BN-Inception', 'senet/se_bninception'],
];

test('every network is pinned, and every published one is a network', () => {
  const ids = listModels().map(({ id }) => id);
  const pinned = [...published.keys(), ...unpublished.map(([id]) => id), ...ported.map(([id]) => id)];
  expect([...ids].sort()).toEqual([...pinned].sort());
});

test.each(unpublished)('%s counts as stated', (id, params, macs) => {
  expect(count(createModel(id))).toEqual({ params, macs });
});

test.each(ported)('%s is %s', (id, port) => {
  expect(nameless(createModel(id))).toEqual(nameless(createModel(port)));
});

describe.each([...published])('%s', (id, row) => {
  const graph = createModel(id);

  test('counts', () => {
    expect(count(graph)).toEqual({ params: row.params, macs: row.macs });
    expect(findModel(id).size).toBe(row.input);
  });

  test('names and shapes, in the order of the tensors and of the batch norms', () => {
    const found = listed(graph);
    const inBn = (name: string): boolean => name.slice(0, name.lastIndexOf('.')) in row.bn;
    expect(found.filter(([name]) => !inBn(name))).toEqual(Object.entries(row.tensors));
    expect(found.filter(([name]) => inBn(name))).toEqual(
      Object.entries(row.bn).flatMap(([prefix, C]) => norms.map((norm) => [`${prefix}.${norm}`, [C]])),
    );
  });
});

/** State dicts in full order, from conformance/ (see its README.md), with the definition that each is of. */
test.each([
  ['resnet-50', 'torchvision/resnet50'],
  ['se-resnet-50', 'timm/legacy_seresnet50'],
  ['se-resnext-50', 'timm/legacy_seresnext50_32x4d'],
])('%s: %s has its tensors in the order of the state dict', (file, id) => {
  expect(listed(createModel(id))).toEqual(read(`conformance/${file}.names.json`));
});

/** docs/spec/zoo.md §8.1: the hosts of the SE networks. v1 bottlenecks have no published weights of their own here. */
const hosts: readonly (readonly [id: string, params: number, macs: number])[] = [
  ['timm/legacy_seresnet18', 11_689_512, 1_814_073_344],
  ['timm/legacy_seresnet34', 21_797_672, 3_663_761_408],
  ['timm/legacy_seresnet50', 25_557_032, 3_857_973_248],
  ['timm/legacy_seresnet101', 44_549_160, 7_570_194_432],
  ['timm/legacy_seresnet152', 60_192_808, 11_282_415_616],
  ['timm/legacy_seresnext50_32x4d', 25_028_904, 4_230_479_872],
  ['timm/legacy_seresnext101_32x4d', 44_177_704, 7_969_996_800],
  ['timm/legacy_senet154', 108_459_944, 20_681_785_344],
  ['timm/seresnet50', 25_557_032, 4_089_184_256],
];

describe('se: false', () => {
  test.each([
    ['senet/se_vgg16_bn', 'torchvision/vgg16_bn'],
    ['senet/se_bninception', 'senet/bninception'],
    ['senet/se_inception_resnet_v2', 'timm/inception_resnet_v2'],
    ['senet/se_inception_resnet_v2_mixed', 'timm/inception_resnet_v2'],
    ['senet/se_mobilenetv1_100', 'timm/mobilenetv1_100'],
    ['senet/se_shufflenet_g3_w1', 'pytorchcv/shufflenet_g3_w1'],
  ])('%s is %s', (id, host) => {
    expect(nameless(createModel(id, { se: false }))).toEqual(nameless(createModel(host)));
  });

  test.each(hosts)('%s counts what its host does', (id, params, macs) => {
    expect(count(createModel(id, { se: false }))).toEqual({ params, macs });
  });

  test.each(listModels().map(({ id }) => id))('%s loses its SE tensors and their MACs, and nothing else', (id) => {
    const [gated, plain] = [createModel(id), createModel(id, { se: false })];
    const inSe = (name: string): boolean => /\.(se|se_module)\.|\.block\.\d\.fc/.test(name);
    const nameOf = (node: number | undefined): string => parameterName(gated.nodes[node as number]);
    const excitation = gated.nodes.filter(({ op, inputs }) => op === 'linear' && inSe(nameOf(inputs[1])));

    expect(listed(plain)).toEqual(listed(gated).filter(([name]) => !inSe(name)));
    expect(count(plain).macs).toBe(count(gated).macs - excitation.reduce((sum, node) => sum + macsOf(gated, node), 0));
    expect(excitation.length > 0).toBe(findModel(id).se);
    expect(plain.nodes.filter(({ op }) => op === 'sigmoid' || op === 'scale')).toEqual([]);
  });
});

const parameterName = (node: Node | undefined): string => (node?.op === 'param' ? node.attrs.name : '');
const shapeOf = (graph: Graph, output: string): Shape | undefined => graph.nodes[graph.outputs.get(output) ?? -1]?.shape;

describe('options', () => {
  const id = 'timm/legacy_seresnet50';

  test('classes', () => {
    const graph = createModel(id, { classes: 10 });
    expect(shapeOf(graph, 'logits')).toEqual([1, 10]);
    expect(count(graph).params).toBe(28_088_024 - 990 * 2049);
  });

  test.each([
    [320, [1, 3, 320, 320], [1, 64, 160, 160]],
    [
      [96, 64],
      [1, 3, 96, 64],
      [1, 64, 48, 32],
    ],
  ] as const)('size %j is height by width', (size, input, stem) => {
    const { nodes } = createModel(id, { size });
    expect(nodes[0]?.shape).toEqual(input);
    expect(nodes.find(({ op }) => op === 'conv2d')?.shape).toEqual(stem);
  });

  test('a size twice as high and wide has four times the MACs, but for the layers after a squeeze', () => {
    const flat = (graph: Graph): number =>
      graph.nodes.filter(({ op }) => op === 'linear').reduce((sum, node) => sum + macsOf(graph, node), 0);
    const [small, large] = [createModel(id, { size: 224 }), createModel(id, { size: 448 })];
    expect(count(large).macs - flat(large)).toBe(4 * (count(small).macs - flat(small)));
    expect(flat(large)).toBe(flat(small));
  });

  test('batch multiplies MACs, not parameters', () => {
    const graph = createModel(id, { batch: 3 });
    expect(graph.nodes[0]?.shape).toEqual([3, 3, 224, 224]);
    expect(shapeOf(graph, 'logits')).toEqual([3, 1000]);
    expect(count(graph)).toEqual({ params: 28_088_024, macs: 3 * 3_860_488_192 });
  });

  test('reduction', () => {
    const widths = (reduction: number) =>
      listed(createModel(id, { reduction }))
        .filter(([name]) => name.endsWith('fc1.weight'))
        .map(([, [squeezed]]) => squeezed);
    expect(new Set(widths(8))).toEqual(new Set([32, 64, 128, 256]));
    expect(new Set(widths(3))).toEqual(new Set([85, 170, 341, 682])); // ⌊C / r⌋
    expect(listed(createModel(id, { reduction: 16 }))).toEqual(listed(createModel(id)));
  });

  /** Where the published squeeze is not ⌊C / r⌋: multiples of 8 of the expanded channels; shares of the block's input. */
  test.each([
    ['torchvision/mobilenet_v3_small', 'features.4.block.2.fc1.weight', [24, 16, 8]],
    ['timm/efficientnet_b0', 'blocks.2.0.se.conv_reduce.weight', [6, 3, 1]],
    ['timm/regnety_002', 's2.b1.se.fc1.weight', [6, 3, 2]],
  ])('reduction of %s', (model, tensor, squeezed) => {
    const width = (reduction: number) => listed(createModel(model, { reduction })).find(([name]) => name === tensor)?.[1][0];
    expect([4, 8, 16].map(width)).toEqual(squeezed);
  });

  test('gates: all, some, none', () => {
    const all = createModel(id, { gates: true });
    const gates = [3, 4, 6, 3].flatMap((depth, stage) =>
      Array.from({ length: depth }, (_, i) => `layer${stage + 1}.${i}.se_module.sigmoid`),
    );
    expect([...all.outputs.keys()]).toEqual(['logits', ...gates]);
    expect(shapeOf(all, 'layer4.2.se_module.sigmoid')).toEqual([1, 2048]);
    expect(all.nodes[all.outputs.get('layer1.0.se_module.sigmoid') ?? -1]?.op).toBe('sigmoid');

    const some = ['layer3.5.se_module.sigmoid', 'layer1.0.se_module.sigmoid'];
    expect([...createModel(id, { gates: some }).outputs.keys()]).toEqual(['logits', ...some]);
    expect([...createModel(id, { gates: false }).outputs.keys()]).toEqual(['logits']);
    expect([...createModel('seresnet50', { gates: ['layer4.2.se.gate'] }).outputs.keys()]).toEqual(['logits', 'layer4.2.se.gate']);
    expect([...createModel('resnet50', { gates: true }).outputs.keys()]).toEqual(['logits']);
  });

  test.each([
    [
      { gates: ['layer1.0.se_module.sigmoyd'] },
      /no gate is called layer1\.0\.se_module\.sigmoyd \(did you mean layer1\.0\.se_module\.sigmoid/,
    ],
    [{ gates: ['layer1.0.se_module.sigmoid'], se: false }, /no gate is called layer1\.0\.se_module\.sigmoid$/],
    [{ classes: 0 }, /classes must be a whole number from 1, not 0/],
    [{ classes: 1.5 }, /classes must be a whole number from 1, not 1\.5/],
    [{ batch: -1 }, /batch must be a whole number from 1, not -1/],
    [{ size: 0 }, /size must be a whole number from 1, or \[height, width\], not 0/],
    [{ size: NaN }, /size must be a whole number from 1, or \[height, width\], not NaN/],
    [{ size: [224, Infinity] as const }, /size must be a whole number from 1, or \[height, width\], not \[224, Infinity\]/],
    [{ size: [224] as unknown as [number, number] }, /size must be a whole number from 1, or \[height, width\], not \[224\]/],
    [{ size: [1, 3, 224] as unknown as [number, number] }, /size must be a whole number from 1, or \[height, width\], not \[1, 3, 224\]/],
    [{ size: '224' as unknown as number }, /size must be a whole number from 1, or \[height, width\], not '224'/],
    [{ reduction: 0 }, /reduction must be a whole number from 1, not 0/],
    [{ reduction: 257 }, /reduction 257 leaves none of 256 channels/],
    [{ classes: null } as object, /classes must be a whole number from 1, not null/],
    [{ se: 'false' } as object, /se must be true or false, not 'false'/],
    [{ gates: 'layer1.0.se_module.sigmoid' } as object, /gates must be true, false or a list of module paths, not layer1/],
    [{ clases: 10 } as object, /unknown option clases \(did you mean classes\?\)/],
  ])('%j is an InputError', (options, message) => {
    expect(() => createModel(id, options)).toThrow(InputError);
    expect(() => createModel(id, options)).toThrow(message);
  });

  test('reduction without SE blocks is an InputError', () => {
    expect(() => createModel('resnet50', { reduction: 16 })).toThrow(InputError);
    expect(() => createModel('resnet50', { reduction: 16 })).toThrow(/timm\/resnet50 has no SE blocks/);
  });

  /** As PyTorch: the padded pool of torchvision's form takes a 1×1 plane, the unpadded one of Caffe's needs 2×2, so an image of 3×3. */
  test('the smallest image', () => {
    expect(shapeOf(createModel('torchvision/resnet50', { size: 1 }), 'logits')).toEqual([1, 1000]);
    expect(shapeOf(createModel(id, { size: 3 }), 'logits')).toEqual([1, 1000]);
    expect(() => createModel(id, { size: 2 })).toThrow(ShapeError);
    expect(() => createModel(id, { size: [224, 1] })).toThrow(/maxPool2d: .* x \[1, 64, 112, 1\]/);
  });

  test.each([
    ['timm/vgg16_bn', 31, /maxPool2d: the window is larger than the padded plane/],
    ['cadene/bninception', [72, 224], /concat: extents but the channels must agree/], // 9 rows at 3c: 5 by padded convolutions, 4 by its pool
    ['timm/inception_resnet_v2', 74, /conv2d: the kernel is larger than the padded plane/],
  ] as const)('%s at %j is a ShapeError', (model, size, message) => {
    expect(() => createModel(model, { size })).toThrow(ShapeError);
    expect(() => createModel(model, { size })).toThrow(message);
  });
});

describe('names', () => {
  test('a bare name means timm first', () => {
    expect(findModel('resnet50').id).toBe('timm/resnet50');
    expect(findModel('torchvision/resnet50').id).toBe('torchvision/resnet50');
    expect(findModel('legacy_seresnet50').id).toBe('timm/legacy_seresnet50');
  });

  test.each([
    ['resnet5', /unknown model resnet5 \(did you mean .*\bresnet50\b/],
    ['legacy_seresnet5O', /\(did you mean legacy_seresnet50[,?]/],
    ['timm/rasnet101', /\(did you mean timm\/resnet101[,?]/],
    ['Torchvision/ResNet34', /\(did you mean torchvision\/resnet34[,?]/],
    ['torchvision/seresnet50', /unknown model torchvision\/seresnet50 \(did you mean torchvision\/resnet50[,?]/],
    ['', /unknown model ; /],
    ['constructor', /unknown model constructor; `senet models` lists all/],
  ])('%j is unknown, and the nearest are suggested', (name, message) => {
    expect(() => createModel(name)).toThrow(InputError);
    expect(() => createModel(name)).toThrow(message);
  });
});
