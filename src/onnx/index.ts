/** ONNX files as networks: `senet/onnx`. */

export type { Gate } from './made.js';
export { type OnnxModel, operators, readOnnx } from './model.js';
export type { OnnxNode, OnnxValue } from './proto.js';
export { graphOfOnnx, type OnnxGraph, type OnnxGraphOptions } from './toGraph.js';
export { type UnsupportedNode, UnsupportedNodesError } from './unsupported.js';
