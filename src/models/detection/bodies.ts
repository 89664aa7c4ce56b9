import type { Norms, Value } from '../../ops/op.js';
import { asBody } from '../body.js';
import { mobilenetV3LargeBlocks } from '../mobilenetV3.js';
import { namings } from '../naming.js';
import type { Settings } from '../network.js';
import { type ResNetConfig, resnetStages, resnetStem } from '../resnet.js';
import { r50, r101, se, timm } from '../resnets.js';

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

const torchvision = { ...timm, names: namings.torchvision } as const;
const plain50: ResNetConfig = { ...torchvision, ...r50 };
const plain101: ResNetConfig = { ...torchvision, ...r101 };
const gated50: ResNetConfig = { ...timm, ...r50, ...se };
const gated101: ResNetConfig = { ...timm, ...r101, ...se };

export const bodies = {
  resnet50: residual(plain50),
  resnet101: residual(plain101),
  seresnet50: residual(gated50),
  seresnet101: residual(gated101),
  mobilenetV3Large: mobile,
} as const satisfies Record<string, Body>;

export const splitBodies = {
  resnet50: split(plain50),
  resnet101: split(plain101),
  seresnet50: split(gated50),
  seresnet101: split(gated101),
} as const satisfies Record<string, SplitBody>;
