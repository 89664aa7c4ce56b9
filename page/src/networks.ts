import type { CreateClassifierOptions } from 'senet';

/** What files of weights are called, for the file dialogue: it greys out all others. What is dropped may be called anything. */
export const checkpointEndings = '.safetensors,.pth,.pt,.bin,.ckpt,.pkl,.tar,.zip,.npz,.onnx,.gguf,.caffemodel,.h5,.keras';

/** A network that a visitor can choose. */
export interface Choice {
  readonly name: string;
  readonly title: string;
  /** What it was trained on and how well it does, in a sentence. */
  readonly about: string;
  /** Where its weights are, beside the page; undefined for those that are part of the code. */
  readonly weights?: string;
  readonly options: CreateClassifierOptions;
}

export const choices: readonly Choice[] = [
  {
    name: 'cifar10',
    title: 'Ten things: SE-ResNet-20, twice as wide',
    about:
      'Knows aeroplanes, cars, birds, cats, deer, dogs, frogs, horses, ships and trucks from CIFAR-10’s 32 by 32 pixels, and answers with one of them whatever it is shown.',
    options: {},
  },
  {
    name: 'qvac',
    title: 'Meals and reports: MobileNetV3-Small',
    about:
      'Tells photographs of meals and of reports from all others; QVAC trained and published it (Apache-2.0). Its nine SE blocks matter: with all gates open it answers “other” whatever it is shown.',
    weights: './models/mobilenetv3_3class_v3_fp16.gguf',
    options: {},
  },
];

/** Weights of the visitor's own. */
export const own = 'own';
