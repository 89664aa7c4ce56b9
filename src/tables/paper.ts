import { ablationTables } from './ablations.js';
import { otherTables } from './elsewhere.js';
import { imagenetTables } from './imagenet.js';
import { figures, type PaperTable } from './table.js';

/** What stands in the paper's text, §5.1 of version 4 (docs/spec/paper.md §3). */
const cost: PaperTable = {
  number: 'cost',
  title: 'What SE costs: one image of 224 pixels on a CPU, and a step of training with 256 images on eight GPUs',
  columns: ['GFLOPs', 'inference, ms', 'training step, ms'],
  images: '',
  rows: [
    {
      name: 'ResNet-50',
      paper: figures('3.86 164 190'),
      model: 'timm/legacy_seresnet50',
      options: { se: false },
      commands: [],
      timed: true,
    },
    {
      name: 'SE-ResNet-50',
      paper: figures('3.87 167 209'),
      model: 'timm/legacy_seresnet50',
      commands: ['senet bench timm/legacy_seresnet50 --without-se', 'npm run bench:training'],
      timed: true,
    },
  ],
};

const { single, mobile, best, larger } = imagenetTables;
const { cifar10, cifar100, places, coco } = otherTables;

/** The tables of Hu 2018, in the paper's order, then what SE costs. */
export const paperTables: readonly PaperTable[] = [single, mobile, cifar10, cifar100, places, coco, best, larger, ...ablationTables, cost];
