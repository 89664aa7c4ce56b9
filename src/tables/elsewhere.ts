import { figures, type PaperRow, type PaperTable } from './table.js';

/** Tables 4 to 7: CIFAR, scenes and detection (docs/spec/paper.md §8.3 to §8.5). */

const row = (name: string, paper: string, more: Omit<PaperRow, 'name' | 'paper'> = {}): PaperRow => ({
  name,
  paper: figures(paper),
  ...more,
});
const published = (weights: string): Pick<PaperRow, 'model' | 'weights'> => ({ model: weights.slice(0, weights.indexOf('.')), weights });
const hundred = { classes: 100 } as const;

const cifar10: PaperTable = {
  number: '4',
  title: 'CIFAR-10: errors in per cent',
  columns: ['top-1'],
  images: 'cifar10/test',
  notes: ['ResNets are of the pre-activation form. Published weights are pytorchcv’s. The last two rows are no rows of the paper.'],
  rows: [
    row('ResNet-110', '6.37', published('pytorchcv/preresnet110_cifar10.cifar10')),
    row('SE-ResNet-110', '5.21', published('pytorchcv/sepreresnet110_cifar10.cifar10')),
    row('ResNet-164', '5.46', published('pytorchcv/preresnet164bn_cifar10.cifar10')),
    row('SE-ResNet-164', '4.39', published('pytorchcv/sepreresnet164bn_cifar10.cifar10')),
    row('WRN-16-8', '4.27', { model: 'senet/wrn16_8_cifar10' }),
    row('SE-WRN-16-8', '3.88', { model: 'senet/se_wrn16_8_cifar10' }),
    row('Shake-Shake 26 2x96d + Cutout', '2.56'),
    row('SE-Shake-Shake 26 2x96d + Cutout', '2.12'),
    row('ResNet-8', '-', { model: 'senet/resnet8_cifar10', commands: [], cifar: { finding: 'se', name: 'without SE' } }),
    row('SE-ResNet-8', '-', { model: 'senet/se_resnet8_cifar10', commands: [], cifar: { finding: 'se', name: 'SE, reduction 16' } }),
  ],
};

const cifar100: PaperTable = {
  number: '5',
  title: 'CIFAR-100: errors in per cent',
  columns: ['top-1'],
  images: 'cifar100/test',
  rows: [
    row('ResNet-110', '26.88', { model: 'senet/preresnet110_cifar10', options: hundred }),
    row('SE-ResNet-110', '23.85', { model: 'senet/se_preresnet110_cifar10', options: hundred }),
    row('ResNet-164', '24.33', { model: 'senet/preresnet164_cifar10', options: hundred }),
    row('SE-ResNet-164', '21.31', { model: 'senet/se_preresnet164_cifar10', options: hundred }),
    row('WRN-16-8', '20.43', { model: 'senet/wrn16_8_cifar10', options: hundred }),
    row('SE-WRN-16-8', '19.14', { model: 'senet/se_wrn16_8_cifar10', options: hundred }),
    row('Shake-Even 29 2x4x64d + Cutout', '15.85'),
    row('SE-Shake-Even 29 2x4x64d + Cutout', '15.41'),
  ],
};

const places: PaperTable = {
  number: '6',
  title: 'Places365, validation images, a single crop: errors in per cent',
  columns: ['top-1', 'top-5'],
  images: 'PLACES365/val',
  flags: '--labels categories_places365.txt',
  notes: ['None of these weights are published. 36,500 images of 365 classes.'],
  rows: [
    row('Places-365-CNN', '41.07 11.48'),
    row('ResNet-152', '41.15 11.61', { model: 'pytorchcv/resnet152', options: { classes: 365 } }),
    row('SE-ResNet-152', '40.37 11.01', { model: 'timm/legacy_seresnet152', options: { classes: 365 } }),
  ],
};

const detector = (name: string): Pick<PaperRow, 'detector' | 'commands'> => ({
  detector: name,
  commands: [`senet evaluate --detection ANNOTATIONS.json --images FOLDER --model ${name} --weights FILE`],
});

const coco: PaperTable = {
  number: '7',
  title: 'COCO minival, Faster R-CNN: average precision in per cent',
  columns: ['AP at 0.5', 'AP'],
  images: '',
  notes: [
    'Version 3 has the basic Faster R-CNN, trained on less: there SE adds 1.3 to the AP of the network of 50 layers, and 0.7 to that of 101.',
    'Multiply-adds are of the largest image that the detector takes, with as many regions as it proposes at most.',
    'The last four rows are no rows of version 4.',
  ],
  rows: [
    row('ResNet-50', '57.9 38.0', detector('torchvision/fasterrcnn_resnet50_fpn')),
    row('SE-ResNet-50', '61.0 40.4', detector('senet/fasterrcnn_seresnet50_fpn')),
    row('ResNet-101', '60.1 39.9', detector('senet/fasterrcnn_resnet101_fpn')),
    row('SE-ResNet-101', '62.7 41.9', detector('senet/fasterrcnn_seresnet101_fpn')),
    row('ResNet-50, basic', '- -', detector('senet/fasterrcnn_resnet50_c4')),
    row('SE-ResNet-50, basic', '- -', detector('senet/fasterrcnn_seresnet50_c4')),
    row('ResNet-101, basic', '- -', detector('senet/fasterrcnn_resnet101_c4')),
    row('SE-ResNet-101, basic', '- -', detector('senet/fasterrcnn_seresnet101_c4')),
  ],
};

export const otherTables = { cifar10, cifar100, places, coco } as const;
