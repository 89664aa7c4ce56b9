import { describeReference } from '../verify/trainingVectors.js';

describeReference('seresnet20_cifar10');
