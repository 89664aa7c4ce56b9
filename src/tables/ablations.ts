import { type CountedAs, figures, type PaperRow, type PaperTable } from './table.js';

/** Tables 10 to 16: ablations of SE-ResNet-50 on ImageNet (docs/spec/paper.md §8.8). */

type Cifar = NonNullable<PaperRow['cifar']>;
const row = (name: string, paper: string, options: CountedAs, cifar?: Cifar): PaperRow => ({
  name,
  paper: figures(paper),
  model: 'timm/legacy_seresnet50',
  options: options.se === false ? options : { gateBias: false, ...options },
  ...(cifar && { cifar }),
});
/** In an experiment of the name `finding`. */
const cifar = (finding: string, name: string): Cifar => ({ finding, name });
const without: CountedAs = { se: false };

const common = {
  images: 'IMAGENET/val',
  counted: 'stored',
  notes: [
    'Gates’ layers have no biases, as in the paper. Its parameters count running statistics; so do ours here.',
    'A file for ImageNet comes of `senet train CONFIG.json`, whose `model` and `options` are those of the row.',
  ],
} as const;

const reduction: PaperTable = {
  ...common,
  number: '10',
  notes: [...common.notes, 'For a reduction of 8 a recount gives 30.64 M, not 30.7.'],
  title: 'Reduction: errors in per cent',
  columns: ['top-1', 'top-5', 'parameters, M'],
  rows: [
    row('reduction 2', '22.29 6.00 45.7', { reduction: 2 }),
    row('reduction 4', '22.25 6.09 35.7', { reduction: 4 }, cifar('reduction', 'SE, reduction 4')),
    row('reduction 8', '22.26 5.99 30.7', { reduction: 8 }),
    row('reduction 16', '22.28 6.03 28.1', { reduction: 16 }, cifar('reduction', 'SE, reduction 16')),
    row('reduction 32', '22.72 6.20 26.9', { reduction: 32 }),
    row('ResNet-50', '23.30 6.55 25.6', without, cifar('reduction', 'without SE')),
  ],
};

const squeeze: PaperTable = {
  ...common,
  number: '11',
  title: 'Squeeze: errors in per cent',
  columns: ['top-1', 'top-5'],
  rows: [
    row('maximum', '22.57 6.09', { squeeze: 'max' }, cifar('squeeze', 'SE, maximum')),
    row('average', '22.28 6.03', {}, cifar('squeeze', 'SE')),
  ],
};

const excitation: PaperTable = {
  ...common,
  number: '12',
  title: 'Excitation: errors in per cent',
  columns: ['top-1', 'top-5'],
  rows: [
    row('ReLU', '23.47 6.98', { excitation: 'relu' }, cifar('excitation', 'SE, ReLU')),
    row('tanh', '23.00 6.38', { excitation: 'tanh' }, cifar('excitation', 'SE, tanh')),
    row('sigmoid', '22.28 6.03', {}, cifar('excitation', 'SE')),
  ],
};

const stages: PaperTable = {
  ...common,
  number: '13',
  title: 'Stages: errors in per cent',
  columns: ['top-1', 'top-5', 'GFLOPs', 'parameters, M'],
  notes: [...common.notes, 'Networks for CIFAR have the stages 2, 3 and 4, of which 4 is the last.'],
  rows: [
    row('ResNet-50', '23.30 6.55 3.86 25.6', without, cifar('stages', 'without SE')),
    row('stage 2', '23.03 6.48 3.86 25.6', { stages: [2] }, cifar('stages', 'SE in stage 2')),
    row('stage 3', '23.04 6.32 3.86 25.7', { stages: [3] }, cifar('stages', 'SE in stage 3')),
    row('stage 4', '22.68 6.22 3.86 26.4', { stages: [4] }, cifar('stages', 'SE in stage 4')),
    row('all stages', '22.28 6.03 3.87 28.1', {}, cifar('stages', 'SE')),
  ],
};

const placement: PaperTable = {
  ...common,
  number: '14',
  title: 'Placement: errors in per cent',
  columns: ['top-1', 'top-5'],
  rows: [
    row('SE', '22.28 6.03', {}, cifar('placement', 'SE')),
    row('SE-PRE', '22.23 6.00', { placement: 'pre' }, cifar('placement', 'SE-PRE')),
    row('SE-POST', '22.78 6.35', { placement: 'post' }, cifar('placement', 'SE-POST')),
    row('SE-Identity', '22.20 6.15', { placement: 'identity' }, cifar('placement', 'SE-Identity')),
  ],
};

const within: PaperTable = {
  ...common,
  number: '15',
  title: 'Gates within the branch: errors in per cent',
  columns: ['top-1', 'top-5', 'GFLOPs', 'parameters, M'],
  rows: [
    row('SE', '22.28 6.03 3.87 28.1', {}, cifar('placement', 'SE')),
    row('SE_3x3', '22.48 6.02 3.86 25.8', { placement: '3x3' }, cifar('placement', 'SE_3x3')),
  ],
};

const noSqueeze: PaperTable = {
  ...common,
  number: '16',
  title: 'Without a squeeze: errors in per cent',
  columns: ['top-1', 'top-5', 'GFLOPs', 'parameters, M'],
  rows: [
    row('ResNet-50', '23.30 6.55 3.86 25.6', without, cifar('squeeze', 'without SE')),
    row('NoSqueeze', '22.93 6.39 4.27 28.1', { squeeze: 'none' }, cifar('squeeze', 'SE, no squeeze')),
    row('SE', '22.28 6.03 3.87 28.1', {}, cifar('squeeze', 'SE')),
  ],
};

export const ablationTables: readonly PaperTable[] = [reduction, squeeze, excitation, stages, placement, within, noSqueeze];
