import { parameters } from '../../src/graph/count.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { Tensor } from '../../src/tensor.js';

/** The smallest network, wherever a reader needs one. */
export const small = 'senet/se_resnet8_cifar10';

export const smallWeights = (): ReadonlyMap<string, Tensor> => syntheticWeights(createModel(small), { seed: 7 });

export const smallParameters = () => parameters(createModel(small));
