import type { Value } from '../ops/op.js';
import { type BlockConfig, invertedResidual, type MobileForm } from './invertedResidual.js';
import {
  type Activation,
  feature,
  globalAvgPool,
  hardSigmoid,
  hardSwish,
  type LinearConfig,
  linear,
  named,
  type Paths,
  relu,
} from './layers.js';
import type { Model } from './model.js';
import { around, type ConvBn, convBn, globalPool, normAct, whole } from './naming.js';
import { network, type Settings } from './network.js';

const RE = relu;
const HS = hardSwish;

/** A block: kernel, expanded channels, output channels, whether it is gated, activation, stride. */
type Row = readonly [kernel: number, expanded: number, out: number, se: 'SE' | '-', activation: Activation, stride: number];

interface Layout {
  readonly stages: readonly (readonly Row[])[];
  /** Channels before the average, and of the layer behind it. */
  readonly tail: readonly [number, number];
}

/** Howard 2019 (arXiv:1905.02244), table 2, in timm's stages. */
const small: Layout = {
  stages: [
    [[3, 16, 16, 'SE', RE, 2]],
    [
      [3, 72, 24, '-', RE, 2],
      [3, 88, 24, '-', RE, 1],
    ],
    [
      [5, 96, 40, 'SE', HS, 2],
      [5, 240, 40, 'SE', HS, 1],
      [5, 240, 40, 'SE', HS, 1],
    ],
    [
      [5, 120, 48, 'SE', HS, 1],
      [5, 144, 48, 'SE', HS, 1],
    ],
    [
      [5, 288, 96, 'SE', HS, 2],
      [5, 576, 96, 'SE', HS, 1],
      [5, 576, 96, 'SE', HS, 1],
    ],
  ],
  tail: [576, 1024],
};

/** Table 1. */
const large: Layout = {
  stages: [
    [[3, 16, 16, '-', RE, 1]],
    [
      [3, 64, 24, '-', RE, 2],
      [3, 72, 24, '-', RE, 1],
    ],
    [
      [5, 72, 40, 'SE', RE, 2],
      [5, 120, 40, 'SE', RE, 1],
      [5, 120, 40, 'SE', RE, 1],
    ],
    [
      [3, 240, 80, '-', HS, 2],
      [3, 200, 80, '-', HS, 1],
      [3, 184, 80, '-', HS, 1],
      [3, 184, 80, '-', HS, 1],
    ],
    [
      [3, 480, 112, 'SE', HS, 1],
      [3, 672, 112, 'SE', HS, 1],
    ],
    [
      [5, 672, 160, 'SE', HS, 2],
      [5, 960, 160, 'SE', HS, 1],
      [5, 960, 160, 'SE', HS, 1],
    ],
  ],
  tail: [960, 1280],
};

const timm: MobileForm = { names: 'timm', eps: 1e-5 };
const tensorflow: MobileForm = { names: 'timm', eps: 1e-3, padding: 'same' };
const torchvision: MobileForm = { names: 'torchvision', eps: 1e-3 };

interface MobileNetV3Config {
  readonly layout: Layout;
  readonly form: MobileForm;
}

const mobilenetV3s: Readonly<Record<string, MobileNetV3Config>> = {
  'timm/mobilenetv3_small_100': { layout: small, form: timm },
  'timm/mobilenetv3_large_100': { layout: large, form: timm },
  'timm/tf_mobilenetv3_small_100': { layout: small, form: tensorflow },
  'timm/tf_mobilenetv3_large_100': { layout: large, form: tensorflow },
  'torchvision/mobilenet_v3_small': { layout: small, form: torchvision },
  'torchvision/mobilenet_v3_large': { layout: large, form: torchvision },
};

export const mobilenetV3Models: readonly Model[] = Object.entries(mobilenetV3s).map(([id, config]) =>
  network(id, { family: 'mobilenetv3', reduction: 4 }, (image, settings) => mobilenetV3(image, config, settings)),
);

interface Names {
  readonly stem: ConvBn;
  /** The module of a stage. `stage` and `unit` count from 0, `index` over all stages. */
  readonly stage: (stage: number) => Paths;
  readonly block: (stage: number, unit: number, index: number) => string;
  /** Behind `blocks` blocks in `stages` stages; it ends the module of all of them. */
  readonly tail: (stages: number, blocks: number) => ConvBn;
  readonly average: Paths;
  /** The layer behind the average, how it is stored, what returns its value beside itself, and its activated value. */
  readonly hidden: string;
  readonly stored: LinearConfig;
  readonly normed: Paths;
  readonly activated: Paths;
  readonly classifier: string;
  /** What returns the logits beside the classifier. */
  readonly logits: Paths;
}

const namings: Readonly<Record<MobileForm['names'], Names>> = {
  timm: {
    stem: normAct('conv_stem', 'bn1'),
    stage: (stage) => `blocks.${stage}`,
    block: (stage, unit) => `blocks.${stage}.${unit}`,
    tail: (stages) => around('blocks', around(`blocks.${stages}`, whole(`blocks.${stages}.0`, normAct('conv', 'bn1', 'aa')))),
    average: globalPool,
    hidden: 'conv_head',
    stored: { weight: 'conv1x1' },
    normed: 'norm_head',
    activated: ['act2', 'flatten'],
    classifier: 'classifier',
    logits: [],
  },
  torchvision: {
    stem: whole('features.0', { conv: '0', bn: '1', out: '2' }),
    stage: () => [],
    block: (_, __, index) => `features.${index + 1}`,
    tail: (_, blocks) => around('features', whole(`features.${blocks + 1}`, { conv: '0', bn: '1', out: '2' })),
    average: 'avgpool',
    hidden: 'classifier.0',
    stored: { weight: 'matrix' },
    normed: [],
    activated: ['classifier.1', 'classifier.2'],
    classifier: 'classifier.3',
    logits: 'classifier',
  },
};

function mobilenetV3(image: Value, config: MobileNetV3Config, settings: Settings): Value {
  const { layout, form } = config;
  const names = namings[form.names];
  let x = mobilenetV3Blocks(image, config, settings).at(-1) as Value;
  x = named(linear(named(globalAvgPool(x), names.average), names.hidden, layout.tail[1], names.stored), names.normed);
  return named(linear(named(hardSwish(x), names.activated), names.classifier, settings.classes), names.logits);
}

/** torchvision's large network, whose blocks its detectors read: `features.K` returns block K. */
export const mobilenetV3LargeBlocks = (image: Value, settings: Settings): readonly Value[] =>
  mobilenetV3Blocks(image, { layout: large, form: torchvision }, settings);

/** The outputs of the stem, of each block, and of the convolution behind them. */
function mobilenetV3Blocks(image: Value, { layout, form }: MobileNetV3Config, { reduction }: Settings): readonly Value[] {
  const { stages, tail } = layout;
  const { names: source, eps, ...padding } = form;
  const names = namings[source];
  let x = convBn(image, names.stem, { out: 16, kernel: 3, stride: 2, activation: hardSwish, eps, ...padding });
  const strided = (stage: number): boolean => (stages[stage]?.[0]?.[5] ?? 1) > 1;
  if (strided(0)) feature(x, names.stem.out ?? []);
  const blocks = [x];
  let index = 0;
  stages.forEach((rows, stage) => {
    rows.forEach(([kernel, expanded, out, se, activation, stride], unit) => {
      const gated = se === 'SE';
      const squeezed = gated && reduction !== undefined ? round8(expanded / reduction) : undefined;
      const block: BlockConfig = { kernel, stride, expanded, out, activation, gated, squeezed, inner: relu, gate: hardSigmoid };
      x = invertedResidual(x, names.block(stage, unit, index++), block, form);
      blocks.push(x);
    });
    named(x, names.stage(stage));
    if (strided(stage + 1)) feature(x, [names.block(stage, rows.length - 1, index - 1), ...[names.stage(stage)].flat()]);
  });
  x = convBn(x, names.tail(stages.length, index), { out: tail[0], kernel: 1, activation: hardSwish, eps });
  feature(x, [names.block(stages.length, 0, index), ...[names.stage(stages.length)].flat()]); // the tail is one more stage
  return [...blocks, x];
}

/** The multiple of 8 nearest to `width`, at least 8 and never less than nine tenths of it. */
function round8(width: number): number {
  const rounded = Math.max(8, Math.floor((width + 4) / 8) * 8);
  return rounded < 0.9 * width ? rounded + 8 : rounded;
}
