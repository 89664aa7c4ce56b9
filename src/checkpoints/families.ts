import type { ModelSource } from '../models/model.js';

/** How each library names its tensors (docs/spec/checkpoints.md §2.4): which names tell it from the others, and so which networks may fit a file. */
export interface Family {
  readonly name: string;
  /** Matches a tensor's name that the others do not have. */
  readonly tells: RegExp;
  readonly sources: readonly ModelSource[];
}

/** Networks without published weights borrow names, so those of the project itself may be of any family. */
const family = (name: string, tells: RegExp, ...sources: ModelSource[]): Family => ({ name, tells, sources: [...sources, 'senet'] });

/** What is known by its names, and is not here. */
const absent = (network: string, tells: RegExp): Family => ({ name: `${network}, which is none of the networks here`, tells, sources: [] });

/** The first that has a name in the file is the file's. */
export const families: readonly Family[] = [
  absent("torchvision's DenseNet", /^features\.denseblock1\.denselayer1\./),
  family('pytorchcv', /^features\.(init_block|stage1\.unit1)\./, 'pytorchcv'),
  family("moskomule's senet.pytorch", /\.se\.fc\.0\.weight$/, 'moskomule'),
  family("the authors' Caffe networks as Cadene ported them (timm's legacy_*)", /^layer0\.conv1\.weight$/, 'timm', 'cadene', 'caffe'),
  family("Cadene's BN-Inception", /^conv1_7x7_s2\.weight$/, 'cadene', 'caffe'),
  family("timm's and Cadene's Inception-ResNet-v2", /^conv2d_1a\.conv\.weight$/, 'timm', 'cadene'),
  family("timm's VGG", /^pre_logits\.fc1\.weight$/, 'timm'),
  family("timm's mobile networks and EfficientNet", /^conv_stem\.weight$/, 'timm'),
  family("torchvision's RegNet", /^trunk_output\./, 'torchvision'),
  family("timm's RegNet", /^s1\.b1\.conv1\.conv\.weight$/, 'timm'),
  family("torchvision's MobileNetV3 and EfficientNet", /^features\.0\.0\.weight$/, 'torchvision'),
  family("timm's and torchvision's ResNet", /^layer1\.0\.conv1\.weight$/, 'timm', 'torchvision'),
  absent("torchvision's AlexNet", /(?<=^|\.)classifier\.4\.weight$/), // not at the start of a name: it is no place where one looks for a network
  family("torchvision's VGG", /^features\.0\.weight$/, 'torchvision'),
];

const roots = new RegExp(
  families
    .map(({ tells }) => tells.source)
    .filter((source) => source.startsWith('^'))
    .join('|'),
);

/** Networks that differ from a ResNet in layers without weights: by how their names begin. Places365's `wideresnet` is of docs/spec/checkpoints.md §7.1. */
const likeResNets: readonly (readonly [RegExp, string])[] = [
  [/^wideresnet/, "Places365's ResNet without a max pool"],
  [/^(?:se|eca)?resnex?t(?:blur|aa)/, "timm's ResNet with blurred or averaged strides"],
];

/** What a file is whose trainer says, by its `arch`, that its network is another than its names and shapes tell; undefined if it says nothing of the kind. */
export function otherwise(arch: string | undefined): string | undefined {
  const [, what] = likeResNets.find(([name]) => arch !== undefined && name.test(bareArch(arch))) ?? [];
  return what && `its arch is ${arch?.slice(0, 80)}: ${what}, which has a ResNet's names but is none of the networks here`;
}

/** A network's name as timm's and torchvision's scripts are given it, without where it is fetched from and which weights: `hf_hub:timm/resnet50.a1_in1k`. */
export const bareArch = (arch: string): string => arch.replace(/^.*[:/]/, '').replace(/\..*$/, '');

/** Modules of trainers that may lie around a network. */
const deepest = 8;

/** What comes before a network's own name in a tensor's, if it is one that tells. */
export function tellsRoot(name: string): string | undefined {
  for (let begin = 0, depth = 0; depth < deepest; depth++) {
    if (roots.test(name.slice(begin))) return name.slice(0, begin);
    const dot = name.indexOf('.', begin);
    if (dot < 0) return undefined;
    begin = dot + 1;
  }
  return undefined;
}

/** A detector's backbone has a network's names below a prefix; it is none that classifies. */
export const detector = /^(backbone\.(body|fpn)|rpn|roi_heads)\./;
