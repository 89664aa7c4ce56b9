import { presets } from './preset.js';
import type { Pretrained } from './pretrained.js';

/** The ResNets that the Places365 project trained (docs/spec/checkpoints.md §7). Its server has neither HTTPS that is known to work nor published hashes, so that nothing is downloaded. */
export const places365: readonly Pretrained[] = ['resnet18', 'resnet50'].map((network) => ({
  name: `${network}.places365`,
  network: `torchvision/${network}`,
  origin: { kind: 'page', url: 'https://github.com/CSAILVision/places365', file: `${network}_places365.pth.tar` },
  preset: presets.bilinear,
  labels: 'places365',
}));
