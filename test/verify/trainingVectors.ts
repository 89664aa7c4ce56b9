import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { prune } from '../../src/graph/prune.js';
import { widen } from '../../src/tensor.js';
import type { Check } from '../../src/verify/check.js';
import { type Pass, trainedOf, trainingChecks, trainingStandards } from '../../src/verify/training/trainingChecks.js';
import { parseTrainingFile, type TrainingFile } from '../../src/verify/training/trainingFile.js';
import { long } from '../support/length.js';

export const vectorsPath = (model: string): string => fileURLToPath(new URL(`../fixtures/training/${model}.json`, import.meta.url));
export const readTraining = (model: string): TrainingFile => parseTrainingFile(JSON.parse(readFileSync(vectorsPath(model), 'utf8')));
export const failed = (checks: readonly Check[]): readonly string[] => checks.filter(({ pass }) => !pass).map(({ name }) => name);

/** Seven passes there and back: the reference does some 150 million products a second. */
const minutes = 1_200_000;

/** The network of a file, trained by the reference in float64. */
export function describeReference(model: string): void {
  test(
    `${model} in float64: ${long ? 'everything' : 'a pass, and the loss after a step'}`,
    () => {
      const file = readTraining(model);
      const trained = trainedOf(file);
      const input = widen(trained.input);
      const weights = new Map([...trained.weights].map(([name, x]) => [name, widen(x)]));
      let graph = trained.graph;
      const pass: Pass = (weights, targets) => {
        const outputs = evaluate(graph, reference(weights, { input, targets }));
        if (!long) graph = there; // after the step its loss is compared, and nothing else
        return outputs;
      };
      const there = prune({ ...trained.graph, outputs: new Map([...trained.graph.outputs].filter(([name]) => name === 'loss')) });
      const standard = { ...trainingStandards.float64, ...(!long && { smoothed: false, steps: 1 }) };
      const checks = trainingChecks(file, { ...trained, weights }, pass, standard);
      expect(failed(checks)).toEqual([]);
      const [statistics, parameters] = [file.runningStats.length, file.tensors.length];
      expect(checks).toHaveLength(3 + 2 * statistics + 3 * parameters + (long ? 1 + parameters + file.steps + 2 * parameters : 1));
    },
    minutes,
  );
}
