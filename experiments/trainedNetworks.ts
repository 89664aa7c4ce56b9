import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint, recognise } from '../src/checkpoints/index.js';
import { describeNetwork } from '../src/classifier/network.js';
import { withInputs } from '../src/graph/given.js';
import type { Graph } from '../src/graph/graph.js';
import { decodeImage } from '../src/io/image.js';
import { imagenetMean, imagenetStd, normalise, type PerChannel, preprocess } from '../src/io/preprocess.js';
import { crop, type Pixels, resize } from '../src/io/resize.js';
import { createModel } from '../src/models/index.js';
import { readOnnxFile } from '../src/node/onnxFile.js';
import { graphOfOnnx } from '../src/onnx/index.js';
import type { Node, NodeId } from '../src/ops/op.js';
import { sizeOf, type Tensor, tensor } from '../src/tensor.js';
import { compile } from '../src/wasm/session.js';
import type { Weights } from '../src/wasm/weights.js';

/** Networks that others trained, on pictures whose answers are known: with their gates, and with gates that are none. `npm run fetch:networks` fetches both. */

/** A network, and what it is asked. */
export interface Trained {
  readonly name: string;
  /** With its gates as outputs. */
  readonly graph: Graph;
  readonly weights: Weights;
  readonly gates: readonly string[];
  readonly output: string;
  /** What an output says of a picture, by its number. */
  readonly says: (values: ArrayLike<number>, asked: number) => string;
  readonly asked: readonly Asked[];
}

export interface Asked {
  readonly name: string;
  readonly image: Tensor;
  /** What should be said. */
  readonly answer: string;
}

/** What all gates are: as trained, or a number. */
export type GateValue = 'trained' | number;

/** The answer to each picture. */
export async function answers({ graph, weights, gates, output, says, asked }: Trained, value: GateValue): Promise<readonly string[]> {
  const given = value === 'trained' ? {} : Object.fromEntries(gates.map((name) => [name, filled(graph, name, value)]));
  using session = await compile(value === 'trained' ? graph : withInputs(graph, gates), weights);
  const found = new Map<Tensor, Tensor>(); // several questions may be of one picture
  for (const { image } of asked)
    if (!found.has(image)) found.set(image, copied(session.run({ input: image, ...given }).get(output) as Tensor));
  return asked.map(({ image }, i) => says((found.get(image) as Tensor).data, i));
}

export const rightOf = ({ asked }: Trained, given: readonly string[]): number =>
  asked.filter(({ answer }, i) => answer === given[i]).length;

/** A session gives its memory, which its next run writes to. */
const copied = ({ shape, data }: Tensor): Tensor => ({ shape, data: data.slice() });

function filled({ nodes, outputs }: Graph, name: string, value: number): Tensor {
  const { shape } = nodes[outputs.get(name) as NodeId] as Node;
  return tensor(shape, new Float32Array(sizeOf(shape)).fill(value));
}

/** The index of the largest. */
const largest = (values: ArrayLike<number>): string => String(Array.from(values).indexOf(Math.max(...Array.from(values))));

const picture = async (folder: string, name: string): Promise<Pixels> => decodeImage(await readFile(join(folder, 'qvac', `${name}.jpg`)));

/** QVAC's MobileNetV3-Small, whose classes are food, report and other, on its publisher's six photographs. */
export async function qvac(folder: string): Promise<Trained> {
  const file = 'mobilenetv3_3class_v3_fp16.gguf';
  const checkpoint = await openCheckpoint(await readFile(join(folder, 'qvac', file)));
  const recognised = await recognise(checkpoint);
  const { preset } = await describeNetwork({ ...recognised, metadata: checkpoint.metadata }, file, undefined, {});
  const { size, cropRatio, filter, mean, std } = preset;
  const options = { resize: Math.round(size / cropRatio), filter, crop: size, mean, std };
  const asked: Asked[] = [];
  for (const [answer, kind] of ['meal', 'report', 'other'].entries())
    for (const number of [1, 2]) {
      const name = `${kind}_${number}`;
      asked.push({ name, image: preprocess(await picture(folder, name), options), answer: String(answer) });
    }
  const graph = createModel(recognised.model, { ...recognised.options, classes: recognised.classes, gates: true });
  const gates = [...graph.outputs.keys()].filter((name) => name !== 'logits');
  return { name: `QVAC's ${recognised.model}`, graph, weights: recognised.weights, gates, output: 'logits', says: largest, asked };
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Lines of text on two of the photographs. */
const lines: Readonly<Record<string, readonly Box[]>> = {
  report_1: [
    [198, 226, 548, 262],
    [208, 258, 544, 282],
    [74, 332, 272, 356],
    [76, 398, 242, 420],
    [76, 434, 256, 458],
    [268, 468, 488, 494],
    [490, 494, 650, 518],
    [80, 548, 326, 574],
    [80, 648, 304, 676],
    [82, 802, 310, 828],
    [82, 858, 304, 884],
    [84, 906, 316, 932],
    [318, 964, 460, 990],
  ],
  report_2: [
    [156, 140, 672, 192],
    [176, 184, 660, 224],
    [156, 216, 684, 258],
    [30, 310, 244, 334],
    [28, 332, 316, 360],
    [28, 356, 398, 388],
    [26, 384, 370, 414],
    [490, 352, 806, 386],
    [528, 440, 816, 476],
    [28, 538, 200, 564],
    [258, 970, 618, 1002],
    [276, 1000, 604, 1030],
  ],
};

/** PaddleOCR's direction classifier, which says whether a line of text is upright (0) or upside down (1), on lines both ways. */
export async function direction(folder: string): Promise<Trained> {
  const model = await readOnnxFile(join(folder, 'ocr/direction.onnx'));
  const { graph, weights, gates, outputName } = graphOfOnnx(model, { input: [1, 3, textHeight, textWidth], gates: true });
  const asked: Asked[] = [];
  for (const [name, boxes] of Object.entries(lines)) {
    const page = await picture(folder, name);
    for (const [i, [left, top, right, bottom]] of boxes.entries()) {
      const upright = crop(page, { left, top, width: right - left, height: bottom - top });
      asked.push({ name: `${name}, line ${i + 1}`, image: textInput(upright, textWidth), answer: '0' });
      asked.push({ name: `${name}, line ${i + 1}, upside down`, image: textInput(upsideDown(upright), textWidth), answer: '1' });
    }
  }
  return { name: "PaddleOCR's direction classifier", graph, weights, gates: [...gates.keys()], output: outputName, says: largest, asked };
}

const [textHeight, textWidth, readWidth] = [48, 192, 480];

/** As PaddleOCR has it: 48 pixels high, at most so many wide, in −1..1, blue first, and zeros to the right. */
function textInput(pixels: Pixels, most: number): Tensor {
  const width = Math.min(Math.ceil((textHeight * pixels.width) / pixels.height), most);
  const half = [0.5, 0.5, 0.5] as const;
  return placed(resize(pixels, width, textHeight, 'bilinear'), textHeight, most, { mean: half, std: half });
}

/** Blue first; zeros to the right and below. */
function placed(pixels: Pixels, height: number, width: number, numbers: { readonly mean: PerChannel; readonly std: PerChannel }): Tensor {
  const { data } = normalise(pixels, { ...numbers, channels: 'bgr' });
  const whole = new Float32Array(3 * height * width);
  for (let c = 0; c < 3; c++)
    for (let row = 0; row < pixels.height; row++) {
      const from = (c * pixels.height + row) * pixels.width;
      whole.set(data.subarray(from, from + pixels.width), (c * height + row) * width);
    }
  return tensor([1, 3, height, width], whole);
}

function upsideDown({ width, height, data }: Pixels): Pixels {
  const turned = new Uint8Array(data.length);
  const pixels = width * height;
  for (let i = 0; i < pixels; i++) turned.set(data.subarray(3 * i, 3 * i + 3), 3 * (pixels - 1 - i));
  return { width, height, data: turned };
}

/** What stands in lines of `report_1`, by their numbers from 0, spelt as there; the second is too long for the width. */
const texts: readonly (readonly [line: number, text: string])[] = [
  [0, 'WELLNESS DIAGNISTICS'],
  [2, 'PATIENT INFORMATION'],
  [3, 'Patient ID: P123456789'],
  [4, 'Report Date: 10/27/2023'],
  [5, 'LABORATORY RESULTS'],
  [6, 'REFERENCE RANGE'],
  [7, 'White Blood Cell Count (WBC)'],
  [8, 'Blood Urea Nutngon (BUN)'],
  [10, 'THYROID FUNCTION TESTS'],
  [11, 'Dr. Anya Sharma, Lab Director'],
  [12, 'END OF REPORT'],
];
const withoutBlanks = (text: string): string => text.replaceAll(' ', '');

/** PaddleOCR's recogniser, which reads a line of text; blanks do not count. */
export async function reading(folder: string): Promise<Trained> {
  const model = await readOnnxFile(join(folder, 'ocr/recogniser.onnx'));
  const { graph, weights, gates, outputName, outputShapes } = graphOfOnnx(model, { input: [1, 3, textHeight, readWidth], gates: true });
  const [, , classes = 1] = outputShapes.get(outputName) ?? [];
  const known = (await readFile(join(folder, 'ocr/characters.txt'), 'utf8')).trimEnd().split(/\r?\n/);
  const page = await picture(folder, 'report_1');
  const asked = texts.map(([line, text]): Asked => {
    const [left, top, right, bottom] = (lines.report_1 ?? [])[line] as Box;
    const image = textInput(crop(page, { left, top, width: right - left, height: bottom - top }), readWidth);
    return { name: text, image, answer: withoutBlanks(text) };
  });
  const says = (values: ArrayLike<number>): string => decoded(values, ['', ...known, ' '].map(withoutBlanks), classes);
  return { name: "PaddleOCR's recogniser", graph, weights, gates: [...gates.keys()], output: outputName, says, asked };
}

/** The likeliest character at each place, the first of which is none; the same twice in a row is one (Graves 2006). */
function decoded(values: ArrayLike<number>, characters: readonly string[], classes: number): string {
  let text = '';
  let before = 0;
  for (let at = 0; at < values.length; at += classes) {
    let best = 0;
    for (let k = 1; k < classes; k++) if ((values[at + k] as number) > (values[at + best] as number)) best = k;
    if (best !== before) text += characters[best] ?? '';
    before = best;
  }
  return text;
}

/** PaddleOCR's detector, which says of each pixel how likely it is within a line of text: whether it finds the lines of the two pages. */
export async function finding(folder: string): Promise<Trained> {
  const model = await readOnnxFile(join(folder, 'ocr/detector.onnx'));
  const { graph, weights, gates, outputName } = graphOfOnnx(model, { input: [1, 3, pageHeight, pageWidth], gates: true });
  const asked: Asked[] = [];
  for (const [name, boxes] of Object.entries(lines)) {
    const image = placed(await picture(folder, name), pageHeight, pageWidth, { mean: imagenetMean, std: imagenetStd });
    for (const i of boxes.keys()) asked.push({ name: `${name}, line ${i + 1}`, image, answer: 'found' });
  }
  const all = Object.values(lines).flat();
  const says = (values: ArrayLike<number>, i: number): string => (isFound(values, all[i] as Box) ? 'found' : 'missed');
  return { name: "PaddleOCR's detector", graph, weights, gates: [...gates.keys()], output: outputName, says, asked };
}

/** Multiples of 32 that hold both pages. */
const [pageHeight, pageWidth] = [1184, 864];

/** What is likelier than that is text (PaddleOCR's `det_db_thresh`). */
const likely = 0.3;

/** Whether a third of a line's middle is text: the network is trained to say so of lines that are shrunk on all sides. */
function isFound(values: ArrayLike<number>, [left, top, right, bottom]: Box): boolean {
  const third = (bottom - top) / 3;
  let [text, pixels] = [0, 0];
  for (let row = Math.round(top + third); row < bottom - third; row++)
    for (let column = left; column < right; column++) {
      pixels++;
      if ((values[row * pageWidth + column] as number) > likely) text++;
    }
  return 3 * text > pixels;
}
