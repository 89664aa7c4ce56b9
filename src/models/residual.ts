import { build } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../ops/op.js';
import { globalAvgPool, linear, squeezedChannels, squeezeExcite } from './layers.js';
import type { Model, ModelOptions, Source } from './model.js';
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

/** The network: an image, the stem, the units, a global pool and the classifier; options as ModelOptions has them. */
export function residual(config: ResidualConfig, options: ModelOptions, { stem, unit, tail }: ResidualParts): Graph {
  const { names, depths, planes = 64 } = config;
  const { size = config.size ?? 224, classes = config.classes ?? 1000, batch = 1, gates = false } = options;
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  const reduction = options.se === false ? undefined : ((config.reduction && options.reduction) ?? config.reduction);

  return build(
    [batch, 3, height, width],
    (image) => {
      let x = stem(image);
      depths.forEach((depth, i) => {
        for (let j = 0; j < depth; j++) {
          const name = names.unit(i + 1, j + 1);
          const gate = (u: Value): Value =>
            reduction === undefined
              ? u
              : squeezeExcite(u, `${name}.${names.gate.path}`, { ...names.gate.config, squeezed: squeezedChannels(u, reduction) });
          x = unit(x, { name, planes: planes << i, stride: i > 0 && j === 0 ? 2 : 1, gate });
        }
      });
      return linear(globalAvgPool(tail(x)), names.classifier, classes);
    },
    gates,
  );
}

/** Networks by name, below their source. */
export type Rows<C> = { readonly [S in Source]?: Readonly<Record<string, C>> };

export function residualModels<C extends ResidualConfig>(
  rows: Rows<C>,
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
      takes: config.reduction === undefined ? [] : ['reduction'],
      create: (options) => create(config, options),
    })),
  );
}
