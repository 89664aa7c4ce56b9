import { type Dtype, dtypes } from './dtype.js';

/** What ggml stores tensors as (docs/spec/checkpoints.md §6.2): a row's elements lie in blocks of so many, of so many bytes. */
export interface GgmlType {
  readonly dtype: Dtype;
  /** Elements a block; 1 of what is not quantised. */
  readonly block: number;
}

/** By the number that a file has for it. Numbers that are not here were taken out of the format, or are newer than this code. */
export const ggmlTypes: ReadonlyMap<number, GgmlType> = new Map(
  Object.entries({
    0: plain(dtypes.F32),
    1: plain(dtypes.F16),
    2: quantised('Q4_0', 32, 18),
    3: quantised('Q4_1', 32, 20),
    6: quantised('Q5_0', 32, 22),
    7: quantised('Q5_1', 32, 24),
    8: quantised('Q8_0', 32, 34),
    9: quantised('Q8_1', 32, 36),
    10: quantised('Q2_K', 256, 84),
    11: quantised('Q3_K', 256, 110),
    12: quantised('Q4_K', 256, 144),
    13: quantised('Q5_K', 256, 176),
    14: quantised('Q6_K', 256, 210),
    15: quantised('Q8_K', 256, 292),
    16: quantised('IQ2_XXS', 256, 66),
    17: quantised('IQ2_XS', 256, 74),
    18: quantised('IQ3_XXS', 256, 98),
    19: quantised('IQ1_S', 256, 50),
    20: quantised('IQ4_NL', 32, 18),
    21: quantised('IQ3_S', 256, 110),
    22: quantised('IQ2_S', 256, 82),
    23: quantised('IQ4_XS', 256, 136),
    24: plain(dtypes.I8),
    25: plain(dtypes.I16),
    26: plain(dtypes.I32),
    27: plain(dtypes.I64),
    28: plain(dtypes.F64),
    29: quantised('IQ1_M', 256, 56),
    30: plain(dtypes.BF16),
    34: quantised('TQ1_0', 256, 54),
    35: quantised('TQ2_0', 256, 66),
    39: quantised('MXFP4', 32, 17),
    40: quantised('NVFP4', 64, 36),
    41: quantised('Q1_0', 128, 18),
  }).map(([code, type]) => [Number(code), type]),
);

function plain(dtype: Dtype): GgmlType {
  return { dtype, block: 1 };
}

/** Block sizes are powers of two, so that the bytes of an element are exact. */
function quantised(name: string, block: number, bytes: number): GgmlType {
  return { dtype: { name, bytes: bytes / block }, block };
}
