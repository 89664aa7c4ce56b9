import { describeReference } from '../verify/trainingVectors.js';

describeReference('resnet20_cifar10');
