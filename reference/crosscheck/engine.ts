import type { Graph } from '../../src/graph/graph.js';
import type { Tensor } from '../../src/tensor.js';

/** What a result must say of where it comes from. */
export interface Provenance {
  /** Such as `senet strict direct`, `tfjs-wasm`, `tfjs-webgl`. */
  readonly engine: string;
  /** The engine's own version number. */
  readonly version: string;
  /** Such as `Node 20.20.2` or `Chromium 156.0`. */
  readonly runtime: string;
  /** Of a GPU back end: the adapter, as its driver names it. Undefined where there is none. */
  readonly adapter?: string;
}

/** Something that computes a graph's named outputs in float32: one of ours, one of TensorFlow.js's back ends, here or in a browser, or LiteRT.js. */
export interface Engine extends Provenance {
  /** The graph's named outputs, NCHW. @throws UnsupportedError naming an op that the engine cannot express */
  run(graph: Graph, weights: ReadonlyMap<string, Tensor>, inputs: Readonly<Record<string, Tensor>>): Promise<ReadonlyMap<string, Tensor>>;
  dispose(): Promise<void>;
}
