import { InputError } from '../../errors.js';
import { parameters } from '../../graph/count.js';
import { evaluate, reference } from '../../graph/evaluate.js';
import type { Graph } from '../../graph/graph.js';
import { normalise } from '../../io/preprocess.js';
import type { Pixels } from '../../io/resize.js';
import { syntheticTensor } from '../../io/synthetic.js';
import { createModel } from '../../models/index.js';
import { type Tensor, tensor } from '../../tensor.js';
import type { CompileOptions } from '../../wasm/options.js';
import { compile, type Session } from '../../wasm/session.js';
import type { TtaFile, TtaNet } from './ttaFile.js';

export interface TtaEngine extends Pick<CompileOptions, 'kernels' | 'algorithms' | 'threads'> {
  /** The kernels, in float32; or the readable reference, in float64. */
  readonly engine: 'wasm' | 'reference';
}

/** Networks that are made when they are first asked. */
export interface TtaNets {
  /** The logits of a view, by the network that has this name in the file. */
  logits(net: string, view: Pixels): Promise<Tensor['data']>;
  dispose(): void;
}

/** @throws InputError, when it is asked, for a classifier that the network does not have */
export function ttaNets({ nets, seed, mean, std }: TtaFile, { engine, ...options }: TtaEngine): TtaNets {
  const sessions = new Map<string, Promise<Session>>();
  const graphOf = (name: string, size: number): readonly [Graph, TtaNet] => {
    const net = nets.get(name) as TtaNet;
    return [createModel(net.id, { classes: net.classes, size }), net];
  };

  function session(name: string, size: number): Promise<Session> {
    const key = JSON.stringify([name, size]);
    const known = sessions.get(key);
    if (known) return known;
    const [graph, net] = graphOf(name, size);
    const opened = compile(graph, weightsOf(name, graph, net, seed), { algorithms: 'direct', ...options });
    sessions.set(key, opened);
    return opened;
  }

  function exact(name: string, view: Pixels): Tensor {
    const [graph, net] = graphOf(name, view.width);
    const weights = [...weightsOf(name, graph, net, seed)].map(
      ([key, { shape, data }]) => [key, tensor(shape, Float64Array.from(data))] as const,
    );
    // as the file has it: not rounded to float32, as the kernels' values are
    weights.push([`${net.head}.bias`, tensor([net.classes], Float64Array.from(net.headBias))]);
    return evaluate(graph, reference(new Map(weights), { input: image64(view, mean, std) })).get('logits') as Tensor;
  }

  return {
    async logits(name, view) {
      if (engine === 'reference') return exact(name, view).data;
      const image = normalise(view, { mean, std });
      return ((await (await session(name, view.width)).runAsync(image)).get('logits') as Tensor).data;
    },
    dispose() {
      for (const opened of sessions.values())
        opened.then(
          (session) => session.dispose(),
          () => undefined,
        );
    },
  };
}

function weightsOf(name: string, graph: Graph, { head, headGain, headBias, gain, id, classes }: TtaNet, seed: number): Map<string, Tensor> {
  const weights = new Map(
    parameters(graph).map(({ name, shape }) => [name, syntheticTensor(name, shape, seed, name === `${head}.weight` ? headGain : gain)]),
  );
  if (!weights.has(`${head}.weight`) || weights.get(`${head}.bias`)?.data.length !== classes)
    throw new InputError(`nets.${name}.head must be the classifier of ${id}, not ${JSON.stringify(head.slice(0, 80))}`);
  weights.set(`${head}.bias`, tensor([classes], Float32Array.from(headBias)));
  return weights;
}

/** (byte / 255 − mean) / std as [1, 3, H, W], in float64. */
function image64({ width, height, data }: Pixels, mean: TtaFile['mean'], std: TtaFile['std']): Tensor {
  const plane = width * height;
  const x = Float64Array.from({ length: 3 * plane }, (_, i) => {
    const c = Math.floor(i / plane) as 0 | 1 | 2;
    return ((data[3 * (i % plane) + c] as number) / 255 - mean[c]) / std[c];
  });
  return tensor([1, 3, height, width], x);
}
