import { InputError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { nearest } from '../graph/nearest.js';
import { type Model, type ModelOptions, sources } from './model.js';
import { type ResNetConfig, resnet, resnets } from './resnet.js';

/** Every network, grouped by source in the order in which a bare name is looked up. */
const models: readonly Model[] = resnetModels().sort((a, b) => sourceRank(a) - sourceRank(b));

function resnetModels(): Model[] {
  return Object.entries<ResNetConfig>(resnets).flatMap(([name, config]) =>
    config.sources.map((source) => ({
      id: `${source}/${name}`,
      family: config.groups === undefined ? 'resnet' : 'resnext',
      se: config.reduction !== undefined,
      size: 224,
      variant: config.block === 'basic' ? undefined : config.stride === '1x1' ? ('v1' as const) : ('v1.5' as const),
      create: (options: ModelOptions) => resnet(config, options),
    })),
  );
}

function sourceRank({ id }: Model): number {
  return sources.findIndex((source) => id.startsWith(`${source}/`));
}

export function listModels(): readonly Model[] {
  return models;
}

/** The network called `name`, which is `source/name` or a bare name. @throws InputError for an unknown name; it suggests the nearest ones. */
export function findModel(name: string): Model {
  const bare = (id: string): string => id.slice(id.indexOf('/') + 1);
  const found = models.find(({ id }) => (name.includes('/') ? id : bare(id)) === name);
  if (found) return found;
  const known = models.map(({ id }) => (name.includes('/') ? id : bare(id)));
  throw new InputError(`unknown model ${name}${nearest(name, [...new Set(known)])}; \`senet models\` lists all`);
}

/**
 * The graph of a network by name.
 *
 * @throws InputError for an unknown name, option or gate; ShapeError for a size that the network cannot reduce.
 */
export function createModel(name: string, options: ModelOptions = {}): Graph {
  const model = findModel(name);
  for (const key of Object.keys(options))
    if (!optionNames.has(key)) throw new InputError(`unknown option ${key}${nearest(key, [...optionNames])}`);
  const extents = typeof options.size === 'object' ? options.size : [options.size ?? 1];
  if (extents.length > 2 || (typeof options.size === 'object' && extents.length !== 2))
    throw new InputError(`size is a number or [height, width], not ${JSON.stringify(options.size)}`);
  for (const [key, value] of [
    ...extents.map((extent) => ['size', extent] as const),
    ...(['classes', 'batch', 'reduction'] as const).map((key) => [key, options[key] ?? 1] as const),
  ])
    if (!Number.isSafeInteger(value) || value < 1) throw new InputError(`${key} must be a whole number from 1, not ${value}`);
  if (options.reduction !== undefined && !model.se) throw new InputError(`${model.id} has no SE blocks, so no reduction`);
  return model.create(options);
}

const optionNames = new Set(['classes', 'size', 'batch', 'reduction', 'gates', 'se']);
