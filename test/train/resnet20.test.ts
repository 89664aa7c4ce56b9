import { describeVectors } from './vectors.js';

describeVectors('resnet20_cifar10');
