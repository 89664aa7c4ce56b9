import { areaNames, iouThresholds, recalls } from './parameters.js';

const areas = areaNames.length;
const thresholds = iouThresholds.length;

/** What is kept of one class's detections: 28 bytes each. */
export class ClassRecord {
  #length = 0;
  #images = new Uint32Array(16);
  #scores = new Float64Array(16);
  /** A bit for each IoU threshold, [detection, area]. */
  #right = new Uint16Array(16 * areas);
  #wrong = new Uint16Array(16 * areas);
  /** Objects found by the best detection, and by the best ten, of each image at each threshold. */
  readonly #first = { 1: new Uint32Array(thresholds), 10: new Uint32Array(thresholds) };

  /** A place for a detection. Those of an image come together, in falling order of score; `rank` counts them from 0. */
  push(image: number, score: number): number {
    if (this.#length === this.#scores.length) this.#grow();
    this.#images[this.#length] = image;
    this.#scores[this.#length] = score;
    return this.#length++;
  }

  note(place: number, rank: number, area: number, right: number, wrong: number): void {
    this.#right[place * areas + area] = right;
    this.#wrong[place * areas + area] = wrong;
    if (area !== 0) return;
    for (const most of [1, 10] as const) if (rank < most) addBits(this.#first[most], right);
  }

  #grow(): void {
    const longer = <T extends Uint32Array | Float64Array | Uint16Array>(values: T): T => {
      const made = new (values.constructor as new (length: number) => T)(2 * values.length);
      made.set(values);
      return made;
    };
    this.#images = longer(this.#images);
    this.#scores = longer(this.#scores);
    this.#right = longer(this.#right);
    this.#wrong = longer(this.#wrong);
  }

  /** Share of `wanted` objects that the best detections of each image find, at each threshold, in the range `all`. */
  firstRecall(most: 1 | 10, wanted: number): Float64Array {
    return Float64Array.from(this.#first[most], (found) => found / wanted);
  }

  /** Of all detections by falling score; of equal ones the image's place decides, then the order within the image. */
  order(): Uint32Array {
    const scores = this.#scores;
    const images = this.#images;
    return Uint32Array.from({ length: this.#length }, (_, i) => i).sort(
      (a, b) => (scores[b] as number) - (scores[a] as number) || (images[a] as number) - (images[b] as number) || a - b,
    );
  }

  /**
   * At each threshold the mean precision over the 101 recalls, and the recall of all detections (COCOeval.accumulate). Precision is made falling
   * from the right and read at the first place that reaches a recall; beyond the last it is 0.
   */
  curve(order: Uint32Array, area: number, wanted: number): { readonly precision: Float64Array; readonly recall: Float64Array } {
    const precision = new Float64Array(thresholds);
    const recall = new Float64Array(thresholds);
    const [reached, precise] = [new Float64Array(order.length), new Float64Array(order.length)];
    for (let t = 0; t < thresholds; t++) {
      const bit = 1 << t;
      let [right, wrong, length] = [0, 0, 0];
      for (const place of order) {
        if ((this.#right[place * areas + area] as number) & bit) right++;
        else if ((this.#wrong[place * areas + area] as number) & bit) wrong++;
        else continue; // ignored
        reached[length] = right / wanted;
        precise[length++] = right / (wrong + right + Number.EPSILON);
      }
      recall[t] = right / wanted;
      precision[t] = meanAtRecalls(reached, precise, length);
    }
    return { precision, recall };
  }
}

function addBits(counts: Uint32Array, bits: number): void {
  for (let t = 0; t < counts.length; t++) counts[t] = (counts[t] as number) + ((bits >> t) & 1);
}

function meanAtRecalls(reached: Float64Array, precise: Float64Array, length: number): number {
  for (let i = length - 1; i > 0; i--) precise[i - 1] = Math.max(precise[i - 1] as number, precise[i] as number);
  let sum = 0;
  let i = 0;
  for (const recall of recalls) {
    while (i < length && (reached[i] as number) < recall) i++;
    if (i === length) break;
    sum += precise[i] as number;
  }
  return sum / recalls.length;
}
