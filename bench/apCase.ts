import { randomOf } from '../src/data/random.js';
import type { CocoAnnotation, CocoDetection, CocoGroundTruth } from '../src/detect/ap/coco.js';

/** Images as COCO's validation set has them: 80 classes, some 7 objects each; and 100 detections, half of them near an object of their class. */

const classes = 80;
const detectionsPerImage = 100;
const seed = 19;

interface DrawnImage {
  readonly annotations: readonly CocoAnnotation[];
  readonly detections: readonly CocoDetection[];
}

export function drawImage(image: number): DrawnImage {
  const random = randomOf(seed, image);
  const about = (value: number, most: number): number => value + random.between(-most, most);
  const annotations = Array.from({ length: random.whole(0, 14) }, (_, i): CocoAnnotation => {
    const [width, height] = [random.between(8, 200), random.between(8, 200)];
    return {
      id: 20 * image + i + 1,
      image_id: image,
      category_id: random.whole(1, classes),
      bbox: [random.between(0, 440), random.between(0, 280), width, height],
      area: 0.7 * width * height,
      iscrowd: random.whole(0, 49) === 0 ? 1 : 0,
    };
  });
  const detections = Array.from({ length: detectionsPerImage }, (_, i): CocoDetection => {
    const near = i % 2 === 0 ? annotations[random.whole(0, Math.max(0, annotations.length - 1))] : undefined;
    const [x, y, width, height] = near?.bbox ?? [random.between(0, 440), random.between(0, 280), 60, 60];
    return {
      image_id: image,
      category_id: near?.category_id ?? random.whole(1, classes),
      bbox: [about(x, 4), about(y, 4), width * about(1, 0.2), height * about(1, 0.2)],
      score: random.between(0, 1),
    };
  });
  return { annotations, detections };
}

export const groundTruthOfImages = (images: number): CocoGroundTruth => ({
  images: Array.from({ length: images }, (_, id) => ({ id, width: 640, height: 480, file_name: `${id}.jpg` })),
  annotations: Array.from({ length: images }, (_, image) => drawImage(image).annotations).flat(),
  categories: Array.from({ length: classes }, (_, k) => ({ id: k + 1, name: `class ${k + 1}` })),
});
