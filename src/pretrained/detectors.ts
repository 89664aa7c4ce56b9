import type { PublishedWeights } from './pretrained.js';

/** Below download.pytorch.org/models; a name ends in the start of its SHA-256 (docs/spec/checkpoints.md §2.5). */
const files: readonly (readonly [detector: string, file: string, sha256: string])[] = [
  ['fasterrcnn_resnet50_fpn', 'fasterrcnn_resnet50_fpn_coco', '258fb6c6'],
  ['fasterrcnn_resnet50_fpn_v2', 'fasterrcnn_resnet50_fpn_v2_coco', 'dd69338a'],
  ['fasterrcnn_mobilenet_v3_large_fpn', 'fasterrcnn_mobilenet_v3_large_fpn', 'fb6a3cc7'],
  ['fasterrcnn_mobilenet_v3_large_320_fpn', 'fasterrcnn_mobilenet_v3_large_320_fpn', '907ea3f9'],
];

/** The weights of torchvision's detectors, all trained on COCO: one file each. */
export const publishedDetectors: readonly PublishedWeights[] = files.map(([detector, file, sha256]) => ({
  name: `${detector}.COCO_V1`,
  network: `torchvision/${detector}`,
  origin: { kind: 'url', url: `https://download.pytorch.org/models/${file}-${sha256}.pth`, sha256 },
}));
