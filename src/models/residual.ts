import { InputError } from '../errors.js';
import { build } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../ops/op.js';
import { wanted } from './gates.js';
import { globalAvgPool, linear, squeezedChannels, squeezeExcite } from './layers.js';
import type { GateOption, Model, ModelOptions, Source } from './model.js';
import type { Naming } from './naming.js';

/** What all residual networks have: stages of units. */
export interface ResidualConfig {
  readonly names: Pick<Naming, 'unit' | 'gate' | 'classifier'>;
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

/** A unit of a residual network, of which a stage's first halves the plane, but for the first stage's. */
export interface Unit {
  readonly name: string;
  readonly planes: number;
  readonly stride: 1 | 2;
  /** The unit's gate; the identity where there is none. */
  readonly gate: (u: Value) => Value;
}

export interface ResidualParts {
  readonly stem: (image: Value) => Value;
  readonly unit: (x: Value, unit: Unit) => Value;
  /** Between the last unit and the global pool. */
  readonly tail: (x: Value) => Value;
}

/**
 * The network: an image, the stem, the units, a global pool and the classifier; options as ModelOptions has them.
 *
 * @throws InputError for SE blocks in stages that there are not, or whose layers have no channel left.
 */
export function residual(config: ResidualConfig, options: ModelOptions, { stem, unit, tail }: ResidualParts): Graph {
  const { names, depths, planes = 64 } = config;
  const { size = config.size ?? 224, classes = config.classes ?? 1000, batch = 1, gates = false, stages } = options;
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  const strange = stages?.find((stage) => stage < 2 || stage > depths.length + 1);
  if (strange !== undefined) throw new InputError(`stages are 2 to ${depths.length + 1}, so not ${strange}`);

  return build(
    [batch, 3, height, width],
    (image) => {
      let x = stem(image);
      depths.forEach((depth, i) => {
        const gated = stages?.includes(i + 2) ?? true;
        for (let j = 0; j < depth; j++) {
          const name = names.unit(i + 1, j + 1);
          const gate = gated ? gateOf(config, options, name) : unchanged;
          x = unit(x, { name, planes: planes << i, stride: i > 0 && j === 0 ? 2 : 1, gate });
        }
      });
      return linear(globalAvgPool(tail(x)), names.classifier, classes);
    },
    gates,
  );
}

const unchanged = (u: Value): Value => u;

/** The gate below a unit. */
function gateOf({ names, reduction }: ResidualConfig, options: ModelOptions, unit: string): (u: Value) => Value {
  if (reduction === undefined || options.se === false) return unchanged;
  const { path, config } = names.gate;
  return (u) => {
    const squeezed = squeezedChannels(u, options.reduction ?? reduction);
    return squeezeExcite(u, `${unit}.${path}`, wanted({ ...config, squeezed }, options));
  };
}

/** Networks by name, below their source. */
export type Rows<C> = { readonly [S in Source]?: Readonly<Record<string, C>> };

export function residualModels<C extends ResidualConfig>(
  rows: Rows<C>,
  takes: readonly GateOption[],
  family: (config: C) => string,
  create: (config: C, options: ModelOptions) => Graph,
): readonly Model[] {
  return Object.entries(rows).flatMap(([source, nets]) =>
    Object.entries(nets).map(([name, config]) => ({
      id: `${source}/${name}`,
      family: family(config),
      se: config.reduction !== undefined,
      size: config.size ?? 224,
      variant: config.block === 'basic' ? undefined : config.stride === '1x1' ? 'v1' : 'v1.5',
      takes: config.reduction === undefined ? [] : takes,
      create: (options) => create(config, options),
    })),
  );
}
