import { InputError } from '../errors.js';
import type { Value } from '../ops/op.js';
import { wanted } from './gates.js';
import { feature, globalAvgPool, linear, named } from './layers.js';
import type { GateOption, Model, ModelSource } from './model.js';
import type { Naming } from './naming.js';
import { network, type Settings } from './network.js';
import { squeezedChannels, squeezeExcite } from './squeezeExcite.js';

/** What all residual networks have: stages of units. */
export interface ResidualConfig {
  readonly family: string;
  readonly names: Pick<Naming, 'stage' | 'unit' | 'gate' | 'average' | 'classifier' | 'logits'>;
  readonly block: 'basic' | 'bottleneck';
  /** Which convolution of a bottleneck strides: the first is "v1", the 3×3 "v1.5". @defaultValue `3x3` */
  readonly stride?: '1x1' | '3x3';
  /** Units of each stage. */
  readonly depths: readonly number[];
  /** Planes of the first stage; each further one doubles them. @defaultValue 64 */
  readonly planes?: number;
  /** r of the SE blocks. @defaultValue no SE blocks */
  readonly reduction?: number;
  /** @defaultValue 1000 */
  readonly classes?: number;
  /** @defaultValue 224 */
  readonly size?: number;
}

/** A unit of a residual network. */
export interface Unit {
  readonly name: string;
  readonly planes: number;
  /** 2 in the first unit of each stage but the first stage. */
  readonly stride: 1 | 2;
  /** The unit's gate; the identity where there is none. */
  readonly gate: (u: Value) => Value;
}

/** Stages of a network, counted from 1, both included. */
export interface StageRange {
  readonly from: number;
  readonly to: number;
}

/** The outputs of a network's stages, one after another. @throws InputError for SE blocks in stages that there are not. */
export function stages(
  x: Value,
  { names, depths, planes = 64 }: ResidualConfig,
  settings: Settings,
  unit: (x: Value, unit: Unit) => Value,
  { from, to }: StageRange = { from: 1, to: depths.length },
): readonly Value[] {
  const gated = settings.options.stages ?? depths.map((_, i) => i + 2);
  const strange = gated.find((stage) => stage < 2 || stage > depths.length + 1);
  if (strange !== undefined) throw new InputError(`stages are 2 to ${depths.length + 1}, so not ${strange}`);

  let y = x;
  return depths.slice(from - 1, to).map((depth, k) => {
    const i = from - 1 + k;
    for (let j = 0; j < depth; j++) {
      const name = names.unit(i + 1, j + 1);
      const gate = (u: Value): Value => (gated.includes(i + 2) ? gateOf(u, name, names.gate, settings) : u);
      y = named(unit(y, { name, planes: planes << i, stride: i > 0 && j === 0 ? 2 : 1, gate }), name);
    }
    return feature(named(y, names.stage(i + 1)), names.stage(i + 1));
  });
}

function gateOf(u: Value, unit: string, { path, config }: Naming['gate'], { reduction, options }: Settings): Value {
  if (reduction === undefined) return u;
  return squeezeExcite(u, `${unit}.${path}`, wanted({ ...config, squeezed: squeezedChannels(u, reduction) }, options));
}

export function classify(x: Value, { names: { average, classifier, logits = [] } }: ResidualConfig, { classes }: Settings): Value {
  return named(linear(named(globalAvgPool(x), average), classifier, classes), logits);
}

/** Networks by name, below their source. */
export type Rows<C> = { readonly [S in ModelSource]?: Readonly<Record<string, C>> };

export function residualModels<C extends ResidualConfig>(
  rows: Rows<C>,
  takes: readonly GateOption[],
  layers: (image: Value, config: C, settings: Settings) => Value,
): readonly Model[] {
  return Object.entries(rows).flatMap(([source, nets]) =>
    Object.entries(nets).map(([name, config]) => {
      const version = config.block === 'basic' ? undefined : config.stride === '1x1' ? 'v1' : 'v1.5';
      return network(`${source}/${name}`, { ...config, takes, version }, (image, settings) => layers(image, config, settings));
    }),
  );
}
