import type { OutputOptions } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import { createModel } from '../models/index.js';
import type { Network } from './network.js';

/** The graph of a network, for images as its preset has them. */
export function graphOf(
  { id, options, classes, preset: { size }, own }: Pick<Network, 'id' | 'options' | 'classes' | 'preset' | 'own'>,
  asked: Pick<OutputOptions, 'gates'> & { readonly batch?: number } = {},
): Graph {
  return own ? own.create({ size, ...asked }) : createModel(id, { ...options, classes, size, ...asked });
}
