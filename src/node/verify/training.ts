import { naming } from '../../errors.js';
import { evaluate, reference } from '../../graph/evaluate.js';
import { type Tensor, widen } from '../../tensor.js';
import type { Check } from '../../verify/check.js';
import { type Pass, trainedOf, trainingChecks, trainingStandards } from '../../verify/training/trainingChecks.js';
import { parseTrainingFile } from '../../verify/training/trainingFile.js';
import { compile } from '../../wasm/session.js';
import { note } from '../output.js';
import { checkNames } from './names.js';
import type { VerifyOptions } from './options.js';

/** A network that is trained on one minibatch: on the reference everything, on the kernels what float32 can be held to. */
export async function verifyTraining(
  file: string,
  json: unknown,
  { engine, kernels, algorithms = 'direct', threads = 1 }: VerifyOptions,
): Promise<readonly Check[]> {
  const vector = parseTrainingFile(json);
  const trained = naming(file, () => trainedOf(vector));
  const { graph, weights: start } = trained;
  await checkNames(file.replace(/(\.json)?$/, '.names.json'), graph);
  if (engine === 'reference') {
    const input = widen(trained.input);
    const weights = new Map([...start].map(([name, x]): [string, Tensor] => [name, widen(x)]));
    const pass: Pass = (weights, targets) => evaluate(graph, reference(weights, { input, targets }));
    return trainingChecks(vector, { ...trained, weights }, pass, trainingStandards.float64);
  }
  using session = await compile(graph, start, { kernels: kernels ?? 'auto', algorithms, threads });
  if (session.threadsNote) note(`one thread: ${session.threadsNote}`);
  const { input } = trained;
  const pass: Pass = (weights, targets) => {
    if (weights !== start) session.update(weights);
    return session.run({ input, targets });
  };
  return trainingChecks(vector, trained, pass, trainingStandards[algorithms]);
}
