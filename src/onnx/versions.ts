import type { OnnxNode } from './node.js';

/** What an operator takes beside its tensors moved from attributes to inputs, operator set by operator set: the first that has it as an input, and which. */
const moved: Readonly<Record<string, Readonly<Record<string, readonly [since: number, input: number]>>>> = {
  Clip: { min: [11, 1], max: [11, 2] },
  Dropout: { training_mode: [12, 2] },
  Pad: { pads: [11, 1], value: [11, 2], axes: [18, 3] },
  ...Object.fromEntries(
    'L1 L2 LogSum LogSumExp Max Mean Min Prod SumSquare'.split(' ').map((name) => [`Reduce${name}`, { axes: [18, 1] }] as const),
  ),
  ReduceSum: { axes: [13, 1] },
  Reshape: { shape: [5, 1] },
  Resize: { scales: [10, 1], sizes: [11, 3] },
  Slice: { starts: [10, 1], ends: [10, 2], axes: [10, 3], steps: [10, 4] },
  Split: { split: [13, 1] },
  Squeeze: { axes: [13, 1] },
  Unsqueeze: { axes: [13, 1] },
  Upsample: { scales: [9, 1] },
};

/** Where a node has an argument: as the input of a number, or under its attribute's name. */
export interface ArgumentPlace {
  readonly isInput: boolean;
  /** Its number from operator set `since` on; −1 of what is always an attribute. */
  readonly input: number;
  readonly since: number;
}

export function placeOf(opset: number, { op }: OnnxNode, name: string): ArgumentPlace {
  const [since, input] = moved[op]?.[name] ?? [Infinity, -1];
  const behindRoi = op === 'Resize' && name === 'scales' && opset >= 11; // which came before it
  return { isInput: opset >= since, input: behindRoi ? 2 : input, since };
}

/** The axis that Softmax, LogSoftmax and Hardmax go along unless told otherwise; before operator set 13 along it and all that follow. */
export const softmaxAxis = (opset: number): number => (opset < 13 ? 1 : -1);
