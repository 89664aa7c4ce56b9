import type { PublishedWeights } from './pretrained.js';

/** `timm/seresnet50.ra2_in1k` → source `timm`, network `seresnet50`, tag `ra2_in1k`; source and tag may be missing. */
export function splitName(name: string): { readonly network: string; readonly tag: string | undefined } {
  const dot = name.indexOf('.');
  return dot < 0 ? { network: name, tag: undefined } : { network: name.slice(0, dot), tag: name.slice(dot + 1) };
}

/** `timm`. */
export const sourceName = ({ network }: Pick<PublishedWeights, 'network'>): string => network.slice(0, network.indexOf('/'));

/** `timm/seresnet50.ra2_in1k`. */
export const fullName = (entry: Pick<PublishedWeights, 'network' | 'name'>): string => `${sourceName(entry)}/${entry.name}`;

/** What weights are called where `name` is: with their source, or without it. */
export const calledLike = (name: string, entry: Pick<PublishedWeights, 'network' | 'name'>): string =>
  name.includes('/') ? fullName(entry) : entry.name;
