/**
 * ONNX files as networks.
 * @module senet/onnx
 */

export type { Gate } from './made.js';
export { type OnnxModel, operators, readOnnx } from './model.js';
export type { OnnxAttribute, OnnxNode, OnnxValue } from './proto.js';
export type { Constant, OnnxTensor, StoredIntegers } from './tensor.js';
export { graphOfOnnx, type OnnxGraph, type OnnxGraphOptions } from './toGraph.js';
export { type UnsupportedNode, UnsupportedNodesError } from './unsupported.js';
