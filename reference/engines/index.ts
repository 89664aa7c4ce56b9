/**
 * The graph on other engines, to be checked and timed against. Each is an optional package, loaded when asked for. `senet/bench` is the older name of this
 * module; it is deprecated.
 * @module senet/engines
 */

export { type ChartOptions, chartSvg, colorAt, type LegendEntry, type Plot, palette } from '../chart.js';
export { type RooflineOptions, type RooflinePoint, rooflineSvg } from '../roofline.js';
export { compileTfjs } from './compileTfjs.js';
export type { Contender, ContenderOptions } from './contender.js';
export { compileLitert } from './litert.js';
export { compileOrt } from './ort.js';
export { type OrtFile, type OrtFileOptions, type OrtValue, openOrtFile } from './ortFile.js';
export { evaluateTfjs, type Tfjs, type TfTensor, tfjs } from './tfjs.js';
export { loadTfjs, type TfjsOptions } from './tfjsRuntime.js';
export { tfliteModel } from './tflite.js';
export type { TfliteModel, TfliteOperator, TfliteQuantisation, TfliteTensor } from './tflitePlain.js';
