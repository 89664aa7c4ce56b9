/**
 * ONNX files as networks, and networks as ONNX files.
 * @module senet/onnx
 */

export { onnxPieces, toOnnx } from './export/lazily.js';
export type { ToOnnxOptions } from './export/toOnnx.js';
export type { OnnxBytes, OpenExternal } from './external.js';
export type { Gate } from './made.js';
export { type OnnxModel, type OnnxReadOptions, operators, readOnnx } from './model.js';
export type { OnnxAttribute, OnnxBranch, OnnxNode } from './node.js';
export type { OnnxValue } from './proto.js';
export { type ScoringGraph, scoringGraph } from './scores.js';
export { type InputSizes, imageShape } from './shape.js';
export type { Constant, OnnxTensor, StoredIntegers } from './tensor.js';
export { graphOfOnnx, type OnnxGraph, type OnnxGraphInput, type OnnxGraphOptions } from './toGraph.js';
export { type UnsupportedNode, UnsupportedNodesError } from './unsupported.js';
