import { build, buildIf } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../ops/op.js';
import type { FloatModelOptions, GateOption, Model } from './model.js';
import { checkOptions } from './options.js';

/** What a family's tables say of a network beside its layers. */
export interface About {
  readonly family: string;
  /** @defaultValue 224 */
  readonly size?: number | undefined;
  /** @defaultValue 1000 */
  readonly classes?: number | undefined;
  /** r of the SE blocks; absent where there are none. */
  readonly reduction?: number | undefined;
  /** The options about SE blocks that it takes, should it have any. @defaultValue `reduction` */
  readonly takes?: readonly GateOption[];
  readonly version?: Model['version'];
}

/** What the layers depend on beside the image: options of the caller, or the network's own values. */
export interface Settings {
  readonly classes: number;
  /** r of the SE blocks; undefined where there are none, or where they are left out. */
  readonly reduction: number | undefined;
  /** What was asked for; only what the network takes. */
  readonly options: FloatModelOptions;
}

/** The network called `id`: `layers` takes an image [N, 3, H, W] to logits [N, classes]. */
export function network(id: string, about: About, layers: (image: Value, settings: Settings) => Value): Model {
  const { family, size: ownSize = 224, classes: ownClasses = 1000, reduction: ownReduction, takes = ['reduction'], version } = about;
  const described = (options: FloatModelOptions) => {
    const {
      classes = ownClasses,
      size = ownSize,
      batch = 1,
      reduction = ownReduction,
      se = true,
      gates = false,
      features = false,
      ...others
    } = options;
    const [height, width] = typeof size === 'number' ? [size, size] : size;
    const settings = { classes, reduction: se ? reduction : undefined, options };
    return {
      parts: [[batch, 3, height, width], (image: Value) => layers(image, settings), { gates, features }] as const,
      key: JSON.stringify([classes, size, batch, reduction, se, gates, features, others]),
    };
  };
  /** The last graph, while somebody has it: on its way from a file to a plan a network is asked for several times. */
  let last: { readonly key: string; readonly graph: WeakRef<Graph> } | undefined;
  const known = (key: string): Graph | undefined => (last?.key === key ? last.graph.deref() : undefined);
  const kept = (key: string, graph: Graph): Graph => {
    last = { key, graph: new WeakRef(graph) };
    return graph;
  };
  const own = { id, se: ownReduction !== undefined, takes: ownReduction === undefined ? [] : takes };
  return {
    ...own,
    family,
    size: ownSize,
    version,
    create: (options = {}) => {
      checkOptions(own, options);
      const { parts, key } = described(options);
      return known(key) ?? kept(key, build(...parts));
    },
    createIf: (admit) => {
      const { parts, key } = described({});
      const [shape, model] = parts;
      const graph = buildIf(admit, shape, model);
      return graph && kept(key, graph);
    },
  };
}
