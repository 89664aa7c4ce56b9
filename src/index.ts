/**
 * From a picture to labels and gates, and the parts of which that is made: graphs, weights, sessions, preprocessing.
 * @module senet
 */

export { type Compared, type CompareOptions, compare } from './bound/compare.js';
export type { Checked } from './bound/segments.js';
export {
  type Checkpoint,
  type CheckpointOptions,
  type Identified,
  identify,
  openCheckpoint,
  openShards,
  type Recognised,
  type RecogniseOptions,
  recognise,
} from './checkpoints/index.js';
export type { Average } from './classifier/average.js';
export type { Gates } from './classifier/chosenGates.js';
export type { Classification } from './classifier/classification.js';
export type { Classifier, ClassifyOptions, ImageOptions, RunOptions } from './classifier/classifier.js';
export { type CreateClassifierOptions, createClassifier } from './classifier/create.js';
export type { CanvasLike, DrawnPicture, ImageBitmapLike, ImageElementLike, VideoElementLike, VideoFrameLike } from './classifier/drawn.js';
export { createEnsemble, type Ensemble, type EnsembleOptions, type Member } from './classifier/ensemble.js';
export type { Excited } from './classifier/excited.js';
export type { Network, NetworkOptions } from './classifier/network.js';
export type { WeightsFile } from './classifier/open.js';
export type { ImageSize, OwnNetwork } from './classifier/own.js';
export type { Picture, PictureOptions, RgbaPixels } from './classifier/picture.js';
export type { Protocol, ProtocolOptions } from './classifier/protocol.js';
export {
  type CalibrationPictures,
  type QuantiseOptions,
  type QuantiseProgress,
  type QuantiseResult,
  quantise,
  type SaidOfQuantised,
  saveQuantised,
} from './classifier/quantise.js';
export type { CropCount } from './classifier/views.js';
export type { NetworkFacts, SessionFacts } from './classifier/worker/messages.js';
export type { WorkerClassifier } from './classifier/worker/workerClassifier.js';
export type {
  CocoAnnotation,
  CocoBox,
  CocoCategory,
  CocoDetection,
  CocoGroundTruth,
  CocoImage,
  CocoImageDetection,
} from './detect/ap/coco.js';
export { type ApEvaluation, averagePrecision, createAp } from './detect/ap/createAp.js';
export type { AveragePrecision, ClassPrecision } from './detect/ap/summary.js';
export { type CreateDetectorOptions, createDetector } from './detector/create.js';
export type { Detection, DetectionResult, DetectOptions, Detector, DetectorRunOptions } from './detector/detector.js';
export type { DetectorNetwork } from './detector/network.js';
export {
  InputError,
  type NamedShapes,
  PlanError,
  SenetError,
  ShapeError,
  UnsupportedError,
  WeightsError,
  type WeightsErrorOptions,
} from './errors.js';
export { build, type Chosen, type ModelCode, type OutputOptions } from './graph/build.js';
export { type Count, count, parameters } from './graph/count.js';
export { type EvaluateOptions, evaluate, type Inputs, type Interpreter, type Late, type RunInput, reference } from './graph/evaluate.js';
export { type Excitation, excitations, type LayerNames } from './graph/excitations.js';
export { type FeatureInfo, featureInfo } from './graph/features.js';
export { withInputs } from './graph/given.js';
export { grad } from './graph/grad.js';
export type { Graph } from './graph/graph.js';
export { type TrainingOptions, training } from './graph/training.js';
export type { DtypeName } from './io/dtype.js';
export { type Label, parseLabels } from './io/labels.js';
export { type Normalisation, normalise, type PerChannel, type PreprocessOptions, preprocess, preprocessAsync } from './io/preprocess.js';
export { centreCrop, type Filter, type Pixels, resize, resizeShorter } from './io/resize.js';
export { loadSafetensors, type SavedDtype, type SaveOptions, saveSafetensors } from './io/safetensors.js';
export type { SignalLike } from './io/signal.js';
export type { BlobLike, Source } from './io/source.js';
export { type SyntheticOptions, syntheticTensor, syntheticWeights } from './io/synthetic.js';
export type { StateDict, Stored } from './io/tensorFile.js';
export type { LayerFacts } from './io/torchLayers.js';
export { bnInceptionModels } from './models/bnInception.js';
export { findDetector, listDetectors } from './models/detection/index.js';
export type { DetectionModel, DetectionOptions, DetectionSettings } from './models/detection/model.js';
export { efficientnetModels } from './models/efficientnet.js';
export { inceptionResnetModels } from './models/inceptionResnetV2.js';
export { createModel, findModel, listModels } from './models/index.js';
export {
  type Activation,
  type AvgPoolConfig,
  adaptiveAvgPool2d,
  add,
  avgPool2d,
  bn,
  type ConvConfig,
  channelShuffle,
  channels,
  concat,
  conv,
  convEach,
  feature,
  globalAvgPool,
  globalMaxPool,
  hardSigmoid,
  hardSwish,
  input,
  type LinearConfig,
  linear,
  maxPool2d,
  multiply,
  named,
  type Paths,
  type PoolConfig,
  type RoiAlignConfig,
  type RoiPoolConfig,
  relu,
  relu6,
  roiAlign,
  roiPool,
  scale,
  scaleBy,
  sigmoid,
  silu,
  tanh,
  upsampleNearest,
} from './models/layers.js';
export { mobilenetV1Models } from './models/mobilenetV1.js';
export { mobilenetV3Models } from './models/mobilenetV3.js';
export type { FloatModelOptions, Model, ModelOptions } from './models/model.js';
export { preResnetModels } from './models/preresnet.js';
export { regnetModels } from './models/regnet.js';
export { resnetModels } from './models/resnets.js';
export { shufflenetModels } from './models/shufflenet.js';
export { type GateConfig, squeezedChannels, squeezeExcite } from './models/squeezeExcite.js';
export { vggModels } from './models/vgg.js';
export type { CombinationName, FunctionName, ReductionName } from './ops/functionNames.js';
export type {
  AvgPoolAttrs,
  Box,
  Conv2dAttrs,
  DetectionOp,
  ImportedOp,
  InferenceAttrs,
  InferenceOp,
  IntegerLayerAttrs,
  Node,
  NodeId,
  OpAttrs,
  OpName,
  Pair,
  PointwiseOp,
  PoolAttrs,
  QuantisedAttrs,
  QuantisedLayerAttrs,
  QuantisedPointwiseAttrs,
  RearrangeAttrs,
  RoiAlignAttrs,
  Taps,
  TrainingAttrs,
  Value,
} from './ops/op.js';
export type { AxisQuantisation, IntegerDtype, Integers, IntegerWeights, Quantisation } from './ops/quantised/quantisation.js';
export type { Plan, Step } from './plan/plan.js';
export { DownloadError, type DownloadFault } from './pretrained/download/error.js';
export type { DownloadProgress } from './pretrained/download/progress.js';
export { findPretrained, listPretrained, pretrainedOf } from './pretrained/index.js';
export { labelsOf } from './pretrained/labels.js';
export { type Preset, preprocessOptions } from './pretrained/preset.js';
export type { LabelSet, Origin, Pretrained, PublishedWeights } from './pretrained/pretrained.js';
export type { RangeMethod } from './quant/calibrate.js';
export type { Noise } from './quant/noise.js';
export type { QuantisedRecipe } from './quant/recipe.js';
export { type ReadableTensor, type Shape, type Tensor, tensor } from './tensor.js';
export { type KernelsBuild, supports } from './wasm/features.js';
export type { CompileOptions, TileName } from './wasm/options.js';
export { planOf } from './wasm/planOf.js';
export { compile, type Session } from './wasm/session.js';
export type { PackedFile, Weights } from './wasm/weights.js';
