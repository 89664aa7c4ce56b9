import { InputError } from '../errors.js';
import { wholeFrom } from '../io/schema.js';
import type { Value } from '../ops/op.js';
import { isShape, kindOf, shown, type Tensor, tensor } from '../tensor.js';
import { argumentOf } from './given.js';

/**
 * The mean over a minibatch of the cross-entropy between the softmax of the logits [N, K] and the graph input `targets`, of the same shape. For `grad`.
 *
 * @throws InputError for what is no value of a graph; ShapeError for logits that are not [N, K]
 */
export function crossEntropy(logits: Value): Value {
  if (typeof (logits as Partial<Value> | null | undefined)?.graph?.emit !== 'function' || !isShape(logits.shape))
    throw new InputError(`crossEntropy takes the logits of a graph under construction, which grad hands to a loss, not ${kindOf(logits)}`);
  const { graph, shape } = logits;
  const targets = graph.emit('input', [], { name: 'targets', shape });
  return graph.emit('mean', [graph.emit('crossEntropy', [logits, targets], {})], {});
}

/**
 * Labels as distributions [N, K] over K classes. Smoothing e (Szegedy 2016, arXiv:1512.00567, §7) leaves the label 1 − e, and spreads e over all classes
 * evenly, the label among them.
 *
 * @throws InputError for what is no list of labels, a label that is no class, a number of classes that is none, or a smoothing that is not from 0 to 1.
 */
export function targetsOf(labels: readonly number[], classes: number, smoothing = 0): Tensor {
  if (!Array.isArray(labels) && !/^Uint(8|16|32)Array$/.test(kindOf(labels)))
    throw new InputError(`targetsOf: labels must be a list of whole numbers, not ${kindOf(labels)}`);
  argumentOf('targetsOf', 'classes', wholeFrom(1), classes);
  if (typeof smoothing !== 'number' || !(smoothing >= 0 && smoothing <= 1))
    throw new InputError(`label smoothing must be from 0 to 1, not ${shown(smoothing)}`);
  const data = new Float64Array(labels.length * classes).fill(smoothing / classes);
  labels.forEach((label, n) => {
    if (!Number.isSafeInteger(label) || label < 0 || label >= classes)
      throw new InputError(`label ${shown(label)} of image ${n} is not one of ${classes} classes, 0 to ${classes - 1}`);
    data[n * classes + label] = 1 - smoothing + smoothing / classes;
  });
  return tensor([labels.length, classes], data);
}
