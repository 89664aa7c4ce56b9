import { evaluate, reference } from '../../graph/evaluate.js';
import type { Tensor } from '../../tensor.js';
import { type Check, exactly } from '../../verify/check.js';
import { parseQuantisedFile } from '../../verify/quantisedFile.js';
import { compile } from '../../wasm/session.js';
import type { VerifyOptions } from './options.js';

/** ONNX's operators of integers, one at a time: every integer is the file's. */
export async function verifyQuantised(
  _: string,
  json: unknown,
  { engine, kernels, algorithms = 'direct', threads = 1 }: VerifyOptions,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const { name, graph, weights, input, expected } of parseQuantisedFile(json)) {
    let found: ReadonlyMap<string, Tensor>;
    if (engine === 'reference') found = evaluate(graph, reference(weights, { input }));
    else {
      using session = await compile(graph, weights, { kernels: kernels ?? 'auto', algorithms, threads });
      found = session.run(input);
    }
    for (const [output, values] of Object.entries(expected))
      checks.push(exactly(output === 'y' ? name : `${name}: ${output}`, (found.get(output) as Tensor).data, values));
  }
  return checks;
}
