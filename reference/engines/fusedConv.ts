import type { Conv2dAttrs } from '../../src/ops/op.js';
import { foldNorm, type Norm } from '../../src/plan/fold.js';
import { dims4, type Shape, type Tensor } from '../../src/tensor.js';
import { isSame } from './padding.js';
import { isDepthwise, rank4, type Tfjs, type TfTensor, type TfTensor4D, tfPadding } from './tfjs.js';

/** A convolution with all that TensorFlow.js fuses into one call. Shapes are NCHW and OIHW. */
export interface FusedConv {
  readonly x: Shape;
  readonly w: Tensor;
  readonly bias: Tensor | undefined;
  readonly norm: Norm | undefined;
  readonly attrs: Conv2dAttrs;
  readonly activation: 'linear' | 'relu' | 'relu6' | 'sigmoid';
}

/** Runs of a compiled convolution; its weights live until `dispose`. */
export interface CompiledConv {
  /** NHWC in and out: the input whole or in slices of its channels, the output in as many slices as there are branches. */
  run(x: readonly TfTensor[]): TfTensor4D[];
  readonly weights: readonly TfTensor[];
}

/**
 * A convolution in `branches` calls, each of which makes an equal share of the output channels. One branch is the usual case. TensorFlow.js
 * has no groups: a branch computes G/branches of them at once, with zeros in its filter between one group's channels and another's.
 * A convolution without groups may branch too, so that the grouped one behind it finds its input already sliced.
 */
export function compileConv(tf: Tfjs, conv: FusedConv, branches: number): CompiledConv {
  const { w, bias, norm, attrs, activation } = conv;
  const [O, , P, Q] = dims4(w.shape);
  const { factor, shift } = foldNorm(O, norm, bias);
  if (isDepthwise(w.shape, attrs)) return compileDepthwise(tf, conv, factor, shift);

  const out = O / branches;
  const calls = Array.from({ length: branches }, (_, branch) => {
    const filter = filterOf(w, factor, attrs.groups, branch, branches);
    return {
      filter: tf.tensor4d(filter, [P, Q, filter.length / (P * Q * out), out]),
      bias: tf.tensor1d(Float32Array.from(shift.subarray(branch * out, (branch + 1) * out))),
    };
  });
  const shared = { strides: [...attrs.stride] as [number, number], pad: tfPadding(attrs.padding), activation };
  const one = (x: TfTensor4D, call: { readonly filter: TfTensor4D; readonly bias: TfTensor }): TfTensor4D =>
    tf.fused.conv2d({ x, ...call, ...shared, dilations: [...attrs.dilation] });
  return {
    weights: calls.flatMap(({ filter, bias }) => [filter, bias]),
    run(x) {
      const inSlices = attrs.groups > 1 && x.length < branches ? tf.split<TfTensor4D>(rank4(x[0]), branches, 3) : x;
      return calls.map((call, branch) => one(rank4(attrs.groups > 1 ? inSlices[branch] : inSlices[0]), call));
    },
  };
}

/** The weights [O, C/G, P, Q] of one branch, times their channel's factor, as a filter [P, Q, C of the branch, O of the branch]. */
function filterOf(w: Tensor, factor: Float64Array, groups: number, branch: number, branches: number): Float32Array {
  const [O, Cg, P, Q] = dims4(w.shape);
  const out = O / branches;
  const merged = Math.max(1, groups / branches);
  const C = Cg * merged;
  const filter = new Float32Array(P * Q * C * out);
  for (let o = 0; o < out; o++) {
    const row = branch * out + o;
    const c0 = Math.floor(o / (out / merged)) * Cg;
    for (let c = 0; c < Cg; c++)
      for (let p = 0; p < P; p++)
        for (let q = 0; q < Q; q++)
          filter[((p * Q + q) * C + c0 + c) * out + o] = (w.data[((row * Cg + c) * P + p) * Q + q] as number) * (factor[row] as number);
  }
  return filter;
}

function compileDepthwise(tf: Tfjs, { x, w, attrs, activation }: FusedConv, factor: Float64Array, shift: Float64Array): CompiledConv {
  const [O, , P, Q] = dims4(w.shape);
  const C = attrs.groups;
  const filter = tf.tensor4d(filterOf(w, factor, 1, 0, 1), [P, Q, C, O / C]);
  const bias = tf.tensor1d(Float32Array.from(shift));
  const [top, ...others] = attrs.padding;
  // This call takes no four-sided padding: a number, 'same', or none behind a padding of its own.
  const pad = others.every((side) => side === top) ? top : isSame(x, [P, Q], attrs) ? 'same' : 0;
  const before = pad === 0 && Math.max(...attrs.padding) > 0;
  return {
    weights: [filter, bias],
    run([image]) {
      const cells = before ? tf.pad(rank4(image), tfPadding(attrs.padding)) : rank4(image);
      return [
        tf.fused.depthwiseConv2d({ x: cells, filter, bias, strides: [...attrs.stride], pad, dilations: [...attrs.dilation], activation }),
      ];
    },
  };
}
