import { UnsupportedError } from '../../src/errors.js';
import { evaluate, type Inputs, type Interpreter, inputOf, parameterOf } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { training } from '../../src/graph/training.js';
import type { Conv2dAttrs, InferenceOp, Node } from '../../src/ops/op.js';
import type { Tensor } from '../../src/tensor.js';
import { download, present, rank4, rules, type Tfjs, type TfTensor, type TfTensor4D, tfPadding, upload } from './tfjs.js';

/** A network that TensorFlow.js trains by its own automatic differentiation, as a user of it would. */
export interface TfjsTrainer {
  /** True where the back end lacks a gradient, which is then composed of others. */
  readonly composed: boolean;
  /** The loss of a minibatch and the gradient of each trainable parameter, in the checkpoint's order of axes; no weight changes. */
  gradients(inputs: Inputs): { readonly loss: number; readonly gradients: ReadonlyMap<string, Tensor> };
  /** A step of SGD with momentum. @returns the loss before it */
  step(inputs: Inputs): number;
  dispose(): void;
}

type TrainingForward = 'channelMean' | 'channelVariance' | 'movingAverage';

/**
 * @param host the network in inference mode
 * @param tf with a back end set
 * @throws UnsupportedError if the back end lacks a gradient that the network needs
 */
export function tfjsTrainer(
  tf: Tfjs,
  host: Graph,
  weights: ReadonlyMap<string, Tensor>,
  { lr, momentum }: { readonly lr: number; readonly momentum: number },
): TfjsTrainer {
  const graph = training(host);
  const parameters = graph.parameters.map((id) => graph.nodes[id] as Node<'param'>);
  const trainable = parameters.filter(({ attrs }) => attrs.trainable).map(({ attrs }) => attrs.name);
  const variables = new Map(
    parameters.map(({ attrs: { name, shape } }) => {
      const first = upload(tf, parameterOf(weights, name, shape));
      const variable = tf.variable(first, trainable.includes(name), undefined);
      first.dispose();
      return [name, variable] as const;
    }),
  );
  const trained = trainable.map((name) => variables.get(name) as ReturnType<Tfjs['variable']>);
  const composed = tf.getBackend() === 'wasm';
  const optimiser = tf.train.momentum(lr, momentum);

  const lossOf = (inputs: Inputs): ReturnType<Tfjs['scalar']> => {
    const interpreter: Interpreter<TfTensor, InferenceOp | TrainingForward> = {
      ...rules(tf),
      ...(composed && { conv2d: ([x, w, bias], { attrs }) => convolution(tf, rank4(x), rank4(w), bias, attrs) }),
      input: (_, { attrs: { name, shape } }) => upload(tf, inputOf(inputs[name], name, shape)),
      param: (_, { attrs: { name } }) => present(variables.get(name)),
      channelMean: ([x]) => tf.mean(present(x), allButLast(present(x))),
      channelVariance: ([x]) => tf.moments(present(x), allButLast(present(x))).variance,
      movingAverage: ([before, batch], { attrs: { momentum: share, correction } }) =>
        tf.add(tf.mul(present(before), 1 - share), tf.mul(present(batch), share * correction)),
    };
    const logits = present(evaluate(graph, interpreter).get('logits'));
    const targets = upload(tf, inputOf(inputs.targets, 'targets', logits.shape));
    return tf.mean(tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1)));
  };

  const differentiate = (inputs: Inputs): ReturnType<Tfjs['variableGrads']> => {
    try {
      return tf.variableGrads(() => lossOf(inputs), trained);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UnsupportedError(`tfjs-${tf.getBackend()} cannot train this network (${why})`, { cause });
    }
  };
  const named = (grads: Readonly<Record<string, TfTensor>>): ReadonlyMap<string, TfTensor> =>
    new Map(trainable.map((name, i) => [name, present(grads[trained[i]?.name ?? ''])]));

  return {
    composed,
    gradients(inputs) {
      const { value, grads } = differentiate(inputs);
      const loss = value.dataSync()[0] as number;
      const gradients = new Map([...named(grads)].map(([name, g]) => [name, download(tf, g)]));
      tf.dispose([value, ...Object.values(grads)]);
      return { loss, gradients };
    },
    step(inputs) {
      const { value, grads } = differentiate(inputs);
      optimiser.applyGradients(trained.map((variable) => ({ name: variable.name, tensor: present(grads[variable.name]) })));
      const loss = value.dataSync()[0] as number;
      tf.dispose([value, ...Object.values(grads)]);
      return loss;
    },
    dispose() {
      optimiser.dispose();
      tf.dispose([...variables.values()]);
    },
  };
}

/**
 * tfjs-wasm 4.22 has no gradient of a convolution's filter. It is a convolution too, of the images as channels: x [C, H, W, N] by dy [I, J, N, O],
 * the stride turned into a dilation.
 */
function convolution(
  tf: Tfjs,
  x: TfTensor4D,
  w: TfTensor4D,
  bias: TfTensor | undefined,
  { stride, padding, dilation, groups }: Conv2dAttrs,
): TfTensor {
  if (groups > 1 || Math.max(...dilation) > 1) throw new UnsupportedError('only plain convolutions are composed for training');
  const [, P, Q] = w.shape;
  const strides: [number, number] = [...stride];
  const padded = tf.pad(x, tfPadding(padding));
  const differentiable = tf.customGrad((image, filter, save) => {
    const [a, f] = [rank4(image as TfTensor), rank4(filter as TfTensor)];
    (save as (tensors: TfTensor[]) => void)([a, f]);
    const gradFunc = (dy: TfTensor, saved: TfTensor[]): TfTensor[] => {
      const [from, by] = [rank4(saved[0]), rank4(saved[1])];
      const dw = tf.conv2d(rank4(tf.transpose(from, [3, 1, 2, 0])), rank4(tf.transpose(dy, [1, 2, 0, 3])), 1, 'valid', 'NHWC', strides);
      return [tf.conv2dTranspose(rank4(dy), by, from.shape, strides, 'valid'), tf.transpose(tf.slice(dw, 0, [-1, P, Q, -1]), [1, 2, 0, 3])];
    };
    return { value: tf.conv2d(a, f, strides, 'valid'), gradFunc };
  });
  const y = differentiable(padded, tf.transpose(w, [1, 2, 3, 0]));
  return bias ? tf.add(y, bias) : y;
}

const allButLast = ({ rank }: TfTensor): number[] => Array.from({ length: rank - 1 }, (_, axis) => axis);
