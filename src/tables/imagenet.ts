import { figures, type PaperRow, type PaperTable } from './table.js';

/** Tables 2, 3, 8 and 9: errors on ImageNet (docs/spec/paper.md §8.1, §8.2, §8.6 and §8.7). */

const images = 'IMAGENET/val';
const row = (name: string, paper: string, more: Omit<PaperRow, 'name' | 'paper'> = {}): PaperRow => ({
  name,
  paper: figures(paper),
  ...more,
});
/** Weights that the zoo can evaluate. */
const of = (weights: string): Pick<PaperRow, 'model' | 'weights'> => ({ model: weights.slice(0, weights.indexOf('.')), weights });

const single: PaperTable = {
  number: '2',
  title: 'ImageNet, validation images, a single crop: errors in per cent',
  columns: ['original top-1', 'original top-5', 'top-1', 'top-5', 'GFLOPs'],
  images,
  notes: [
    'Published weights are of later trainings, mostly better ones than the paper’s. There are none of SE-VGG-16 and SE-Inception-ResNet-v2.',
    'The paper’s GFLOPs are multiply-adds and some element-wise work.',
    'Originals of Inception-ResNet-v2 are on the images that are not blacklisted.',
  ],
  rows: [
    row('ResNet-50', '24.7 7.8 24.80 7.48 3.86', of('pytorchcv/resnet50.in1k')),
    row('SE-ResNet-50', '- - 23.29 6.62 3.87', of('timm/legacy_seresnet50.in1k')),
    row('ResNet-101', '23.6 7.1 23.17 6.52 7.58', of('pytorchcv/resnet101.in1k')),
    row('SE-ResNet-101', '- - 22.38 6.07 7.60', of('timm/legacy_seresnet101.in1k')),
    row('ResNet-152', '23.0 6.7 22.42 6.34 11.30', of('pytorchcv/resnet152.in1k')),
    row('SE-ResNet-152', '- - 21.57 5.73 11.32', of('timm/legacy_seresnet152.in1k')),
    row('ResNeXt-50 (32x4d)', '22.2 - 22.11 5.90 4.24', of('timm/resnext50_32x4d.tv_in1k')),
    row('SE-ResNeXt-50 (32x4d)', '- - 21.10 5.49 4.25', of('timm/legacy_seresnext50_32x4d.in1k')),
    row('ResNeXt-101 (32x4d)', '21.2 5.6 21.18 5.57 7.99', of('timm/resnext101_32x4d.gluon_in1k')),
    row('SE-ResNeXt-101 (32x4d)', '- - 20.70 5.01 8.00', of('timm/legacy_seresnext101_32x4d.in1k')),
    row('VGG-16 (BN)', '- - 27.02 8.81 15.47', of('torchvision/vgg16_bn.IMAGENET1K_V1')),
    row('SE-VGG-16 (BN)', '- - 25.22 7.70 15.48', { model: 'senet/se_vgg16_bn' }),
    row('BN-Inception', '25.2 7.82 25.38 7.89 2.03', of('cadene/bninception.imagenet')),
    row('SE-BN-Inception', '- - 24.23 7.14 2.04', of('caffe/SE-BN-Inception.release')),
    row('Inception-ResNet-v2', '19.9 4.9 20.37 5.21 11.75', of('timm/inception_resnet_v2.tf_in1k')),
    row('SE-Inception-ResNet-v2', '- - 19.80 4.79 11.76', { model: 'senet/se_inception_resnet_v2' }),
  ],
};

const mobile: PaperTable = {
  number: '3',
  title: 'ImageNet, mobile networks, a single crop of 224 pixels: errors in per cent',
  columns: ['original top-1', 'top-1', 'top-5', 'MFLOPs', 'parameters, M'],
  images,
  rows: [
    row('MobileNet', '29.4 28.4 9.4 569 4.2', of('pytorchcv/mobilenet_w1.in1k')),
    row('SE-MobileNet', '- 25.3 7.7 572 4.7', { model: 'senet/se_mobilenetv1_100' }),
    row('ShuffleNet (3 groups)', '32.6 32.6 12.5 140 1.8', of('pytorchcv/shufflenet_g3_w1.in1k')),
    row('SE-ShuffleNet (3 groups)', '- 31.0 11.1 142 2.4', { model: 'senet/se_shufflenet_g3_w1' }),
  ],
};

const senet154 = 'senet evaluate IMAGENET/val --model timm/legacy_senet154.in1k';

const best: PaperTable = {
  number: '8',
  title: 'ImageNet, state of the art, a single crop: errors in per cent',
  columns: ['224: top-1', '224: top-5', '320 or 299: top-1', '320 or 299: top-5'],
  images,
  rows: [
    row('ResNet-152', '23.0 6.7 21.3 5.5', of('pytorchcv/resnet152.in1k')),
    row('ResNet-200', '21.7 5.8 20.1 4.8'),
    row('Inception-v3', '- - 21.2 5.6'),
    row('Inception-v4', '- - 20.0 5.0'),
    row('Inception-ResNet-v2', '- - 19.9 4.9', of('timm/inception_resnet_v2.tf_in1k')),
    row('ResNeXt-101 (64x4d)', '20.4 5.3 19.1 4.4', of('torchvision/resnext101_64x4d.IMAGENET1K_V1')),
    row('DenseNet-264', '22.15 6.12 - -'),
    row('Attention-92', '- - 19.5 4.8'),
    row('PyramidNet-200', '20.1 5.4 19.2 4.7'),
    row('DPN-131', '19.93 5.12 18.55 4.16'),
    row('SENet-154', '18.68 4.47 17.28 3.79', { ...of('timm/legacy_senet154.in1k'), commands: [senet154, `${senet154} --size 320`] }),
  ],
};

const larger: PaperTable = {
  number: '9',
  title: 'ImageNet, larger crops or more data: errors in per cent',
  columns: ['crop, pixels', 'top-1', 'top-5'],
  images,
  notes: ['ResNeXt-101 32x48d was trained on more data. The weights of SENet-154 trained at 320 pixels were not released.'],
  rows: [
    row('Very Deep PolyNet', '331 18.71 4.25'),
    row('NASNet-A (6@4032)', '331 17.3 3.8'),
    row('PNASNet-5 (N=4, F=216)', '331 17.1 3.8'),
    row('SENet-154, trained at 320', '320 16.88 3.58', {
      model: 'timm/legacy_senet154',
      commands: ['senet evaluate IMAGENET/val --model timm/legacy_senet154 --weights FILE --size 320'],
    }),
    row('AmoebaNet-C (AutoAugment)', '331 16.5 3.5'),
    row('ResNeXt-101 32x48d', '224 14.6 2.4'),
  ],
};

export const imagenetTables = { single, mobile, best, larger } as const;
