import type { Value } from '../../ops/op.js';
import { channels, convEach, linear, named, relu } from '../layers.js';
import { convBn } from '../naming.js';

/** What the region proposal network says of a map: a logit for each anchor, and how it is to be moved. */
export interface Proposed {
  /** [N, A, H, W]. */
  readonly objectness: Value;
  /** [N, 4·A, H, W]: of each anchor dx, dy, dw, dh. */
  readonly deltas: Value;
}

/**
 * The region proposal network's head (Ren 2015, arXiv:1506.01497, §3.1) on all maps, which share its weights.
 *
 * @param depth 3×3 convolutions in a row
 * @param anchors per cell
 */
export function proposalHead(maps: readonly Value[], depth: number, anchors: number): readonly Proposed[] {
  const out = channels(maps[0] as Value);
  let hidden = maps;
  for (let i = 0; i < depth; i++) hidden = convEach(hidden, `rpn.head.conv.${i}.0`, { out, kernel: 3, bias: true }).map(relu);
  const objectness = convEach(hidden, 'rpn.head.cls_logits', { out: anchors, kernel: 1, bias: true });
  const deltas = convEach(hidden, 'rpn.head.bbox_pred', { out: 4 * anchors, kernel: 1, bias: true });
  return objectness.map((logits, i) => ({ objectness: logits, deltas: deltas[i] as Value }));
}

/** Two fully connected layers on the pooled regions [R, C, P, Q], as torchvision's TwoMLPHead. */
export function mlpHead(regions: Value): Value {
  const hidden = relu(linear(regions, 'roi_heads.box_head.fc6', 1024));
  return relu(linear(hidden, 'roi_heads.box_head.fc7', 1024));
}

/** Four 3×3 convolutions and a fully connected layer, as torchvision's FastRCNNConvFCHead. */
export function convHead(regions: Value): Value {
  let x = regions;
  for (let i = 0; i < 4; i++) {
    const path = `roi_heads.box_head.${i}`;
    x = convBn(x, { conv: `${path}.0`, bn: `${path}.1`, out: [`${path}.2`, path] }, { out: 256, kernel: 3, activation: relu });
  }
  return named(relu(linear(x, 'roi_heads.box_head.5', 1024)), 'roi_heads.box_head.6', 'roi_heads.box_head');
}

/** What is at each region: `classLogits` [R, classes], and for every class a box of its own, `boxDeltas` [R, 4·classes]. */
export function predictor(x: Value, classes: number): { readonly classLogits: Value; readonly boxDeltas: Value } {
  return {
    classLogits: linear(x, 'roi_heads.box_predictor.cls_score', classes),
    boxDeltas: linear(x, 'roi_heads.box_predictor.bbox_pred', 4 * classes),
  };
}
