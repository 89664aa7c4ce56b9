import { type CocoDetection, detectionKind } from './coco.js';
import { type GroundTruth, placeOf } from './groundTruth.js';

/** Detections as numbers side by side, since there may be millions: 48 bytes each, and no object. */
export class DetectionColumns {
  length = 0;
  /** Places of images and classes in the ground truth. */
  images = new Uint32Array(64);
  classes = new Uint32Array(64);
  /** Four numbers each: x, y, width, height. */
  boxes = new Float64Array(4 * 64);
  scores = new Float64Array(64);

  push(image: number, classAt: number, box: ArrayLike<number>, score: number): void {
    if (this.length === this.scores.length) this.#grow();
    this.images[this.length] = image;
    this.classes[this.length] = classAt;
    this.boxes.set(box, 4 * this.length);
    this.scores[this.length] = score;
    this.length++;
  }

  #grow(): void {
    const { images, classes, boxes, scores } = this;
    this.images = new Uint32Array(2 * images.length);
    this.classes = new Uint32Array(2 * classes.length);
    this.boxes = new Float64Array(2 * boxes.length);
    this.scores = new Float64Array(2 * scores.length);
    this.images.set(images);
    this.classes.set(classes);
    this.boxes.set(boxes);
    this.scores.set(scores);
  }

  /** Those of each image, by their places here, which stay in their order. */
  *byImage(): Generator<readonly [image: number, which: Uint32Array]> {
    const { images, length } = this;
    const order = Uint32Array.from({ length }, (_, i) => i).sort((a, b) => (images[a] as number) - (images[b] as number) || a - b);
    for (let from = 0, to = 0; from < length; from = to) {
      const image = images[order[from] as number] as number;
      while (to < length && images[order[to] as number] === image) to++;
      yield [image, order.subarray(from, to)];
    }
  }
}

/** Adds what stands at `path` of a list of detections. @throws InputError naming the path and what is wrong */
export function readDetection(value: unknown, path: string, truth: GroundTruth, into: DetectionColumns): void {
  const { image_id, category_id, bbox, score }: CocoDetection = detectionKind.read(value, path);
  const image = placeOf(truth.imageOf, image_id, `${path}.image_id`, 'image');
  into.push(image, placeOf(truth.classOf, category_id, `${path}.category_id`, 'category'), bbox, score);
}
