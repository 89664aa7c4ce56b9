import { UnsupportedError } from '../../src/errors.js';
import { type Inputs, inputOf } from '../../src/graph/evaluate.js';
import { concat } from '../../src/io/concat.js';
import { floatsFromHalves, halvesFromFloats } from '../../src/io/half.js';
import { withOutputs } from '../../src/onnx/export/written.js';
import type { Tensor } from '../../src/tensor.js';
import { float32, need } from './contender.js';
import { ortPackages } from './ort.js';

export interface OrtFileOptions {
  /** Values that are to be outputs too, by the file's names. They hinder the engine from computing them together with others. @defaultValue none */
  readonly values?: readonly string[];
  /** What the files beside it hold that its tensors lie in, by their paths as it has them. @defaultValue none */
  readonly external?: ReadonlyMap<string, Uint8Array>;
}

/** An ONNX file on onnxruntime-web. */
export interface OrtFile {
  readonly version: string;
  /**
   * Outputs and values by the file's names, as float32, which also holds integers of 8 bits. Those of other types are left out.
   *
   * @param inputs by the file's names; rounded to float16 where the file takes that
   */
  run(inputs: Inputs): Promise<ReadonlyMap<string, OrtValue>>;
  dispose(): Promise<void>;
}

export interface OrtValue extends Tensor {
  /** Whether the engine gave it in half precision. */
  readonly half: boolean;
}

/**
 * An ONNX file as it is on onnxruntime-web's WebAssembly back end, every graph optimisation on, one thread.
 *
 * @throws UnsupportedError if the package is missing, or does not run the file
 */
export async function openOrtFile(file: Uint8Array, { values = [], external = new Map() }: OrtFileOptions = {}): Promise<OrtFile> {
  const ort = await need('ort', ortPackages, () => import('onnxruntime-web'));
  ort.env.wasm.numThreads ??= 1;
  const version = ort.env.versions.web ?? ort.env.versions.common;
  const refused = (cause: unknown): never => {
    throw new UnsupportedError(`ort ${version} does not run this file (${String(cause).split('\n', 1)[0]})`, { cause });
  };
  const whole = values.length === 0 ? file : concat([file, withOutputs(values)]);
  const externalData = [...external].map(([path, data]) => ({ path, data }));
  const session = await ort.InferenceSession.create(whole, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    ...(externalData.length > 0 && { externalData }),
  }).catch(refused);
  return {
    version,
    async run(inputs) {
      const feeds = session.inputMetadata.map((port) => {
        const { shape, data } = inputOf(inputs[port.name], port.name, inputs[port.name]?.shape ?? []);
        const isHalf = port.isTensor && port.type === 'float16';
        const fed = isHalf ? new ort.Tensor('float16', halvesFromFloats(data), shape) : new ort.Tensor('float32', float32(data), shape);
        return [port.name, fed] as const;
      });
      const results = await session.run(Object.fromEntries(feeds)).catch(refused);
      return new Map(
        Object.entries(results).flatMap(([name, { type, dims, data: found }]): [string, OrtValue][] => {
          if (type === 'float16') return [[name, { shape: [...dims], data: floatsFromHalves(bitsOf(found)), half: true }]];
          if (type === 'uint8' || type === 'int8')
            return [[name, { shape: [...dims], data: float32(found as Uint8Array | Int8Array), half: false }]];
          return type === 'float32' ? [[name, { shape: [...dims], data: found as Float32Array, half: false }]] : [];
        }),
      );
    },
    dispose: () => session.release(),
  };
}

/** Where the JavaScript engine has arrays of half precision, halves come in one. */
function bitsOf(data: unknown): Uint16Array {
  const { buffer, byteOffset, length } = data as Uint16Array;
  return new Uint16Array(buffer, byteOffset, length);
}
