import { InputError } from '../errors.js';
import type { Value } from '../ops/op.js';
import { add, avgPool2d, type ConvConfig, channels, feature, inside, maxPool2d, named, type PoolConfig, relu } from './layers.js';
import type { ModelOptions } from './model.js';
import { below, convBn, type Naming, whole } from './naming.js';
import type { Settings } from './network.js';
import { classify, type ResidualConfig, type StageRange, stages, type Unit } from './residual.js';

/**
 * He 2016 (arXiv:1512.03385), Xie 2017 (arXiv:1611.05431), Hu 2018 (arXiv:1709.01507). A network is a row; what its source defines otherwise is a
 * field (docs/spec/zoo.md §2.1 and §3).
 */
export interface ResNetConfig extends ResidualConfig {
  readonly names: Naming;
  readonly stem: keyof typeof stems;
  /** After the stem. @defaultValue none */
  readonly pool?: PoolConfig;
  readonly groups?: number;
  readonly baseWidth?: number;
  /** The first convolution of a bottleneck has half the width of the second. @defaultValue false */
  readonly halved?: boolean;
  /** How a shortcut is projected where it strides. @defaultValue `conv1x1` */
  readonly shortcut?: 'conv1x1' | 'conv3x3' | 'pool';
  /** The residual branch ends in a ReLU: a quirk of timm's legacy_seresnet18 and 34. @defaultValue false */
  readonly branchRelu?: boolean;
}

const stems = {
  conv7: [{ out: 64, kernel: 7, stride: 2 }],
  /** Of the "d" networks. */
  deep32: [
    { out: 32, kernel: 3, stride: 2 },
    { out: 32, kernel: 3 },
    { out: 64, kernel: 3 },
  ],
  /** Of SENet-154. */
  deep64: [
    { out: 64, kernel: 3, stride: 2 },
    { out: 64, kernel: 3 },
    { out: 128, kernel: 3 },
  ],
  cifar: [{ out: 16, kernel: 3 }],
} as const satisfies Record<string, readonly ConvConfig[]>;

/** The network of a row. @throws InputError for SE blocks where its units have no place for them. */
export function resnet(image: Value, config: ResNetConfig, settings: Settings): Value {
  return classify(resnetStages(resnetStem(image, config), config, settings).at(-1) as Value, config, settings);
}

/** What comes before the first stage: convolutions, and mostly a pool. */
export function resnetStem(image: Value, { names, stem: kind, pool }: ResNetConfig): Value {
  let x = image;
  const stem = stems[kind];
  stem.forEach((layer, i) => {
    x = convBn(x, names.stem(i + 1, stem.length), { ...layer, activation: relu });
  });
  feature(x, names.stem(stem.length, stem.length).out ?? []);
  return pool ? named(maxPool2d(x, pool), names.pool) : x;
}

/** The outputs of stages behind x. @throws InputError as `resnet` */
export function resnetStages(x: Value, config: ResNetConfig, settings: Settings, range?: StageRange): readonly Value[] {
  const { names, block, branchRelu = false } = config;
  const { placement = 'standard' } = settings.options;
  if (placement === '3x3' && block !== 'bottleneck')
    throw new InputError('placement 3x3 is inside a bottleneck, and these blocks are basic');
  const unitOf = (x: Value, unit: Unit): Value => {
    const at: At = (place, u) => (place === placement ? unit.gate(u) : u);
    const residual = shortcut(x, unit, config); // first, so that `add` can ride on the kernel before it
    const activated = (u: Value): Value => named(relu(u), `${unit.name}.${names.relu(layers[block])}`);
    const u = branches[block](at('pre', x), unit, config, at);
    const y = at('post', activated(add(at('standard', branchRelu ? activated(u) : u), at('identity', residual))));
    for (const path of [names.gate.path, names.shortcut.path]) x.graph.registerLast(`${unit.name}.${path}`);
    return y;
  };
  return stages(x, config, settings, unitOf, range);
}

/** The value, gated if the network's SE blocks are at this place. */
type At = (place: NonNullable<ModelOptions['placement']>, u: Value) => Value;

const layers = { basic: 2, bottleneck: 3 } as const;
const expansions = { basic: 1, bottleneck: 4 } as const;
const branches = { basic, bottleneck } as const;

/** He 2016, fig. 5 left. */
function basic(x: Value, { name, planes, stride }: Unit, { names }: ResNetConfig): Value {
  const u = convBn(x, below(name, names.layer(1, 2)), { out: planes, kernel: 3, stride, activation: relu });
  return convBn(u, below(name, names.layer(2, 2)), { out: planes, kernel: 3 });
}

/** He 2016, fig. 5 right. */
function bottleneck(x: Value, { name, planes, stride }: Unit, config: ResNetConfig, at: At): Value {
  const { names, groups = 1, baseWidth = 64, halved = false } = config;
  const [stride1, stride2] = config.stride === '1x1' ? [stride, 1] : [1, stride];
  const width = Math.floor((planes * baseWidth) / 64) * groups;
  let u = convBn(x, below(name, names.layer(1, 3)), { out: halved ? width / 2 : width, kernel: 1, stride: stride1, activation: relu });
  u = at('3x3', convBn(u, below(name, names.layer(2, 3)), { out: width, kernel: 3, stride: stride2, groups, activation: relu }));
  return convBn(u, below(name, names.layer(3, 3)), { out: planes * expansions.bottleneck, kernel: 1 });
}

/** The identity, or a projection where the shape changes. */
function shortcut(x: Value, { name, planes, stride }: Unit, { names, block, shortcut: kind = 'conv1x1' }: ResNetConfig): Value {
  const out = planes * expansions[block];
  if (stride === 1 && channels(x) === out) return x;
  const { path, pool = [], layer } = names.shortcut;
  const module = `${name}.${path}`;
  const projection = whole(module, layer);
  if (kind !== 'pool') return convBn(x, projection, { out, kernel: stride > 1 && kind === 'conv3x3' ? 3 : 1, stride });
  const pooled = stride === 1 ? x : avgPool2d(x, { kernel: 2, stride: 2, padding: 0, rounding: 'ceil', divisor: 'inside' });
  return convBn(named(pooled, inside(module, pool)), projection, { out, kernel: 1 });
}
