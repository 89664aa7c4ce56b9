import { isInert, type PickleValue } from './pickleValue.js';

/** What modules of PyTorch say of themselves that their tensors do not: only a network that was saved whole has it. */

/** By the names of PyTorch's attributes: numbers, lists of them with commas, or words. */
export type LayerFacts = ReadonlyMap<string, string>;

/** Of each class, the attributes that change what is computed. */
const attributesOf: Readonly<Record<string, readonly string[]>> = {
  'conv.Conv2d': ['stride', 'padding', 'dilation', 'groups', 'padding_mode'],
  'batchnorm.BatchNorm2d': ['eps'],
  'batchnorm.SyncBatchNorm': ['eps'],
};

/** @returns undefined for what is no such layer, or says nothing */
export function factsOf(module: PickleValue | undefined): LayerFacts | undefined {
  if (!isInert(module) || module.attributes === undefined) return undefined;
  const [, name = ''] = /^torch\.nn\.modules\.(\w+\.\w+)$/.exec(module.what) ?? [];
  if (!Object.hasOwn(attributesOf, name)) return undefined;
  const facts = new Map<string, string>();
  for (const attribute of attributesOf[name] as readonly string[]) {
    const value = module.attributes.get(attribute);
    if (typeof value === 'number' || typeof value === 'string') facts.set(attribute, String(value).slice(0, 40));
    else if (Array.isArray(value) && value.length === 2) facts.set(attribute, value.map((each) => String(each).slice(0, 20)).join(', '));
  }
  return facts.size > 0 ? facts : undefined;
}
