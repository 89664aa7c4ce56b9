import type { Norms, Value } from '../../ops/op.js';
import { asBody } from '../body.js';
import { mobilenetV3LargeBlocks } from '../mobilenetV3.js';
import type { Settings } from '../network.js';
import { type ResNetConfig, resnetStages, resnetStem } from '../resnet.js';
import { resnetBodies } from '../resnets.js';

/** A classifier's layers as a detector reads them: up to their last map, without the average and what follows. */
export interface Body {
  /** r of its SE blocks; absent where there are none. */
  readonly reduction?: number | undefined;
  /** The maps that the pyramid is built on, the finest first. */
  readonly maps: (image: Value, settings: Settings, norms?: Norms) => readonly Value[];
}

/** A body whose last stage is a head: it reads regions, each an image of its own. */
export interface SplitBody extends Body {
  readonly head: (regions: Value, settings: Settings, norms?: Norms) => Value;
}

const inBody = (path: string): string => (path === '' ? 'backbone.body' : `backbone.body.${path}`);

/** He 2016 and Hu 2018 as torchvision and timm have them. */
const residual = (config: ResNetConfig): Body => ({
  reduction: config.reduction,
  maps: (image, settings, norms) => asBody(image, { rename: inBody, norms }, (x) => resnetStages(resnetStem(x, config), config, settings)),
});

/** The form of Ren 2015 and He 2016: one map, of stride 16, and the last stage behind the pooled regions. */
const split = (config: ResNetConfig): SplitBody => ({
  reduction: config.reduction,
  maps: (image, settings, norms) =>
    asBody(image, { rename: inBody, norms }, (x) => [
      resnetStages(resnetStem(x, config), config, settings, { from: 1, to: 3 })[2] as Value,
    ]),
  head: (regions, settings, norms) =>
    asBody(regions, { rename: (path) => `roi_heads.box_head.${path}`, norms }, (x) =>
      resnetStages(x, config, settings, { from: 4, to: 4 }),
    )[0] as Value,
});

/** Howard 2019; torchvision reads the first block of the last stage and the last convolution, which have one stride. */
const mobile: Body = {
  reduction: 4,
  maps: (image, settings, norms) =>
    asBody(image, { rename: (path) => inBody(path.replace(/^features\.?/, '')), norms }, (x) => {
      const blocks = mobilenetV3LargeBlocks(x, settings);
      return [blocks[13] as Value, blocks[16] as Value];
    }),
};

export const bodies = {
  resnet50: residual(resnetBodies.resnet50),
  resnet101: residual(resnetBodies.resnet101),
  seresnet50: residual(resnetBodies.seresnet50),
  seresnet101: residual(resnetBodies.seresnet101),
  mobilenetV3Large: mobile,
} as const satisfies Record<string, Body>;

export const splitBodies = {
  resnet50: split(resnetBodies.resnet50),
  resnet101: split(resnetBodies.resnet101),
  seresnet50: split(resnetBodies.seresnet50),
  seresnet101: split(resnetBodies.seresnet101),
} as const satisfies Record<string, SplitBody>;
