import { long } from '../support/length.js';
import { describeReference } from '../verify/trainingVectors.js';

describeReference('seresnet20_cifar10');
// the same network without what is tested of the other: seconds of loops for nothing that a plain run does not see
if (long) describeReference('resnet20_cifar10');
