import { InputError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { nearest } from '../graph/nearest.js';
import { insteadOf } from '../meant.js';
import { quantisedGraph } from '../quant/graph.js';
import { flawOfRecipe } from '../quant/recipe.js';
import { bnInceptionModels } from './bnInception.js';
import { detectorNamed } from './detection/index.js';
import { efficientnetModels } from './efficientnet.js';
import { inceptionResnetModels } from './inceptionResnetV2.js';
import { mobilenetV1Models } from './mobilenetV1.js';
import { mobilenetV3Models } from './mobilenetV3.js';
import { type Model, type ModelOptions, sources } from './model.js';
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
  if (detectorNamed(name))
    throw new InputError(`${name} is a detector, which does not classify: \`senet detect\`, findDetector and createDetector take its name`);
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
  if (typeof options !== 'object' || options === null || options.quantised === undefined) return model.create(options);
  const { quantised, ...float } = options;
  const flaw = flawOfRecipe(quantised);
  if (flaw !== undefined)
    throw new InputError(`quantised must be a recipe, as this version's \`senet quantize\` makes them, not one that ${flaw}`);
  return quantisedGraph(model.create(float), quantised);
}
