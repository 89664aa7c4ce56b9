import type { DetectionColumns } from './detectionColumns.js';
import type { GroundTruth } from './groundTruth.js';

/** So many detections are written at once. */
const atOnce = 1000;

/** Detections in the form of COCO's results, which `readDetections` and pycocotools read: JSON as UTF-8, a line each, in their order. */
export async function* cocoResults({ imageOf, classOf }: GroundTruth, detections: DetectionColumns): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const [imageIds, categoryIds] = [imageOf, classOf].map((places) => [...places.keys()]) as [number[], number[]];
  const { images, classes, boxes, scores, length } = detections;
  for (let from = 0; from < length; from += atOnce) {
    const lines = Array.from({ length: Math.min(atOnce, length - from) }, (_, i) => {
      const place = from + i;
      const detection = {
        image_id: imageIds[images[place] as number],
        category_id: categoryIds[classes[place] as number],
        bbox: [...boxes.subarray(4 * place, 4 * place + 4)],
        score: scores[place],
      };
      return `${place === 0 ? '[' : ','}\n${JSON.stringify(detection)}`;
    });
    yield encoder.encode(lines.join(''));
  }
  yield encoder.encode(length === 0 ? '[]\n' : '\n]\n');
}
