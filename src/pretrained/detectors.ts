/**
 * Where torchvision publishes the weights of its detectors, all trained on COCO, by the detectors' names (docs/spec/checkpoints.md §2.5). Nothing here downloads
 * them.
 */
export const publishedDetectors: ReadonlyMap<string, string> = new Map(
  Object.entries({
    fasterrcnn_resnet50_fpn: 'fasterrcnn_resnet50_fpn_coco-258fb6c6.pth',
    fasterrcnn_resnet50_fpn_v2: 'fasterrcnn_resnet50_fpn_v2_coco-dd69338a.pth',
    fasterrcnn_mobilenet_v3_large_fpn: 'fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth',
    fasterrcnn_mobilenet_v3_large_320_fpn: 'fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth',
  }).map(([name, file]) => [`torchvision/${name}`, `https://download.pytorch.org/models/${file}`]),
);
