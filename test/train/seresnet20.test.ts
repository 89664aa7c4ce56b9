import { describeVectors } from './vectors.js';

describeVectors('seresnet20_cifar10');
