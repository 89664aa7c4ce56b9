import type { Shape } from '../../src/tensor.js';

/** The part of TensorFlow Lite's format (tensorflow/compiler/mlir/lite/schema/schema.fbs) that our graphs need, as plain data. tfliteFile.ts writes it. */
export interface TfliteModel {
  /** Values by name: constants have data. Activations are NHWC. */
  readonly tensors: ReadonlyMap<string, TfliteTensor>;
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface TfliteTensor {
  readonly shape: Shape;
  readonly data?: Float32Array | Int32Array | Int8Array;
  /** Of integers. Those without are numbers of their own: extents and axes. @defaultValue floats, or what the data are */
  readonly quantisation?: TfliteQuantisation;
}

/** int8, or of the sums of such int32: what they stand for, for all or along an axis. */
export interface TfliteQuantisation {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
}

export interface TfliteOperator {
  readonly op: keyof typeof operators;
  readonly inputs: readonly string[];
  readonly output: string;
  /** By the schema's names; what is left out has the schema's default. */
  readonly options?: Readonly<Record<string, number>>;
}

/** BuiltinOperator's code; BuiltinOptions' code and the fields of its table, in the order of their slots, each as it is stored. */
export const operators = {
  ADD: { code: 0, options: 11, fields: ['fused:byte'] },
  AVERAGE_POOL_2D: { code: 1, options: 5, fields: poolFields() },
  CONCATENATION: { code: 2, options: 10, fields: ['axis:int', 'fused:byte'] },
  CONV_2D: {
    code: 3,
    options: 1,
    fields: ['padding:byte', 'strideW:int', 'strideH:int', 'fused:byte', 'dilationW:int', 'dilationH:int'],
  },
  DEQUANTIZE: { code: 6, options: 0, fields: [] },
  DEPTHWISE_CONV_2D: {
    code: 4,
    options: 2,
    fields: ['padding:byte', 'strideW:int', 'strideH:int', 'multiplier:int', 'fused:byte', 'dilationW:int', 'dilationH:int'],
  },
  FULLY_CONNECTED: { code: 9, options: 8, fields: ['fused:byte'] },
  LOGISTIC: { code: 14, options: 0, fields: [] },
  MAX_POOL_2D: { code: 17, options: 5, fields: poolFields() },
  MUL: { code: 18, options: 21, fields: ['fused:byte'] },
  RELU: { code: 19, options: 0, fields: [] },
  RELU6: { code: 21, options: 0, fields: [] },
  RESHAPE: { code: 22, options: 17, fields: [] },
  SOFTMAX: { code: 25, options: 9, fields: ['beta:float'] },
  TANH: { code: 28, options: 0, fields: [] },
  PAD: { code: 34, options: 22, fields: [] },
  GATHER: { code: 36, options: 23, fields: ['axis:int'] },
  TRANSPOSE: { code: 39, options: 26, fields: [] },
  MEAN: { code: 40, options: 27, fields: ['keepDims:byte'] },
  PADV2: { code: 60, options: 0, fields: [] },
  REDUCE_MAX: { code: 82, options: 27, fields: ['keepDims:byte'] },
  QUANTIZE: { code: 114, options: 0, fields: [] },
  HARD_SWISH: { code: 117, options: 0, fields: [] },
} as const satisfies Record<string, { readonly code: number; readonly options: number; readonly fields: readonly string[] }>;

function poolFields() {
  return ['padding:byte', 'strideW:int', 'strideH:int', 'filterW:int', 'filterH:int', 'fused:byte'] as const;
}

export const padding = { same: 0, valid: 1 } as const;
export const fused = { none: 0, relu: 1, relu6: 3 } as const;
