import type { Preset } from './preset.js';

/** Where a file of weights comes from: in this package's assets, in a repository of the Hugging Face hub, at an address, or by hand from a page. */
export type Origin =
  | { readonly kind: 'shipped'; readonly file: string }
  | { readonly kind: 'hub'; readonly repository: string; readonly file: string }
  | {
      readonly kind: 'url';
      readonly url: string;
      /** The first hexadecimal digits of the file's SHA-256, where they are known. */
      readonly sha256?: string;
    }
  | {
      readonly kind: 'page';
      readonly url: string;
      /** What the publisher calls it. */
      readonly file?: string;
    };

/** Of Places365 the names do not ship: a file of the user's has them. */
export type LabelSet = 'imagenet' | 'cifar10' | 'places365';

/** A published file of weights. */
export interface PublishedWeights {
  /** `seresnet50.ra2_in1k`: the network's name in its source, and a tag. */
  readonly name: string;
  /** `timm/seresnet50`, as `senet models` has it. */
  readonly network: string;
  readonly origin: Origin;
}

/** One of a network that classifies. */
export interface Pretrained extends PublishedWeights {
  readonly preset: Preset;
  readonly labels: LabelSet;
  /** What the publisher measured with this preset on ImageNet's validation images, or CIFAR-10's test images: top-1 and top-5 accuracy, in per cent. */
  readonly accuracy?: readonly [top1: number, top5: number];
}
