import { InputError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { nearest } from '../graph/nearest.js';
import { insteadOf } from '../meant.js';
import { kindOf, shown } from '../tensor.js';
import { bnInceptionModels } from './bnInception.js';
import { efficientnetModels } from './efficientnet.js';
import { inceptionResnetModels } from './inceptionResnetV2.js';
import { mobilenetV1Models } from './mobilenetV1.js';
import { mobilenetV3Models } from './mobilenetV3.js';
import { excitations, gateOptions, type Model, type ModelOptions, placements, sources, squeezes } from './model.js';
import { preResnetModels } from './preresnet.js';
import { regnetModels } from './regnet.js';
import { resnetModels } from './resnets.js';
import { shufflenetModels } from './shufflenet.js';
import { vggModels } from './vgg.js';

/** Every network, grouped by source in the order in which a bare name is looked up. */
const models: readonly Model[] = [
  ...resnetModels,
  ...preResnetModels,
  ...vggModels,
  ...bnInceptionModels,
  ...inceptionResnetModels,
  ...mobilenetV1Models,
  ...shufflenetModels,
  ...mobilenetV3Models,
  ...efficientnetModels,
  ...regnetModels,
].sort((a, b) => sourceRank(a) - sourceRank(b));

function sourceRank({ id }: Model): number {
  return sources.findIndex((source) => id.startsWith(`${source}/`));
}

export function listModels(): readonly Model[] {
  return models;
}

/** The network called `name`, which is `source/name` or a bare name. @throws InputError for an unknown name; it suggests the nearest ones. */
export function findModel(name: string): Model {
  if (typeof name !== 'string') throw new InputError(`a network is called by a text, not ${insteadOf('name', name)}`);
  const bare = (id: string): string => id.slice(id.indexOf('/') + 1);
  const found = models.find(({ id }) => (name.includes('/') ? id : bare(id)) === name);
  if (found) return found;
  const known = models.map(({ id }) => (name.includes('/') ? id : bare(id)));
  throw new InputError(`unknown model ${name}${nearest(name, [...new Set(known)])}; \`senet models\` lists all`);
}

/**
 * The graph of a network by name.
 *
 * @throws InputError for an unknown name, option, gate or feature; ShapeError for a size that the network cannot reduce.
 */
export function createModel(name: string, options: ModelOptions = {}): Graph {
  const model = findModel(name);
  if (typeof options !== 'object' || options === null) throw new InputError(`options are an object, not ${kindOf(options)}`);
  for (const [key, value] of Object.entries(options)) checkOption(key, value);
  for (const key of gateOptions)
    if (options[key] !== undefined && !model.takes?.includes(key))
      throw new InputError(`${model.id} ${model.se ? 'does not take' : 'has no SE blocks, so no'} ${key}`);
  return model.create(options);
}

interface OptionKind {
  readonly is: (value: unknown) => boolean;
  readonly what: string;
}

const oneOf = (values: readonly string[]): OptionKind => ({
  is: (value) => values.includes(value as string),
  what: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
});
const isExtent = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

const chosen: OptionKind = {
  is: (value) => typeof value === 'boolean' || (Array.isArray(value) && value.every((path) => typeof path === 'string')),
  what: 'true, false or a list of module paths',
};

/** What each option may be, for callers whose types nobody checked. */
const optionKinds: Readonly<Record<keyof ModelOptions, OptionKind>> = {
  classes: { is: isExtent, what: 'a whole number from 1' },
  size: {
    is: (value) => isExtent(value) || (Array.isArray(value) && value.length === 2 && value.every(isExtent)),
    what: 'a whole number from 1, or [height, width]',
  },
  batch: { is: isExtent, what: 'a whole number from 1' },
  reduction: { is: isExtent, what: 'a whole number from 1' },
  squeeze: oneOf(squeezes),
  excitation: oneOf(excitations),
  gateBias: { is: (value) => typeof value === 'boolean', what: 'true or false' },
  placement: oneOf(placements),
  stages: { is: (value) => Array.isArray(value) && value.every(isExtent), what: 'a list of whole numbers from 1' },
  gates: chosen,
  features: chosen,
  se: { is: (value) => typeof value === 'boolean', what: 'true or false' },
};

function checkOption(key: string, value: unknown): void {
  const known = Object.keys(optionKinds);
  const kind = known.includes(key) ? optionKinds[key as keyof ModelOptions] : undefined;
  if (kind === undefined) throw new InputError(`unknown option ${key}${nearest(key, known)}`);
  if (value !== undefined && !kind.is(value)) throw new InputError(`${key} must be ${kind.what}, not ${shown(value)}`);
}
