import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { naming, underName, WeightsError } from '../../errors.js';
import type { Graph } from '../../graph/graph.js';
import { parseJson } from '../../io/jsonText.js';
import { openSafetensors, saveSafetensors } from '../../io/safetensors.js';
import { atLeast, type Kind, nullable, number, objectWith, share, wholeFrom } from '../../io/schema.js';
import { bytesSource } from '../../io/source.js';
import { quantisedGraph } from '../../quant/graph.js';
import { flawOfRecipe, type QuantisedRecipe } from '../../quant/recipe.js';
import type { Tensor } from '../../tensor.js';
import type { TrainingConfig } from '../../train/config.js';
import type { Tally } from '../../train/metrics.js';
import { checkState, stateOf, tensorsOf } from '../../train/state.js';
import type { TrainingState } from '../../train/step.js';
import { readBytes } from '../files.js';
import { writeNow } from '../writeNow.js';
import { runFiles } from './folder.js';

/** Where a run is, beside its tensors. */
export interface Position {
  /** Epochs that are over, their test included. */
  readonly epochs: number;
  /** Since the last line of metrics, and since the epoch began. */
  readonly window: Tally;
  readonly epoch: Tally;
  readonly best: { readonly epoch: number; readonly accuracy: number } | null;
  /** The lowest mean loss of an epoch. */
  readonly lowestLoss: number | null;
  readonly seconds: number;
}

export interface RunState {
  readonly state: TrainingState;
  readonly position: Position;
  /** Of a run that trains for integers: what they stand for, from its first step to its last. */
  readonly recipe?: QuantisedRecipe | undefined;
}

const positionKey = 'senet.training';
const recipeKey = 'senet.quantised';

const tally: Kind<Tally> = objectWith({ images: wholeFrom(0), correct: wholeFrom(0), loss: number });
const written = objectWith({
  steps: wholeFrom(0),
  epochs: wholeFrom(0),
  window: tally,
  epoch: tally,
  best: nullable(objectWith({ epoch: wholeFrom(1), accuracy: share })),
  lowestLoss: nullable(number),
  seconds: atLeast(0),
});

export function writeCheckpoint(folder: string, { state, position, recipe }: RunState): void {
  const metadata = {
    [positionKey]: JSON.stringify({ ...position, steps: state.steps }),
    ...(recipe && { [recipeKey]: JSON.stringify(recipe) }),
  };
  writeNow(join(folder, runFiles.checkpoint), saveSafetensors(tensorsOf(state), { metadata }));
}

/** A run that goes on. */
export interface Resumed {
  readonly config: TrainingConfig;
  readonly network: Graph;
  /** Steps. */
  readonly perEpoch: number;
}

/** The last checkpoint of a run; undefined if it ended before the first. @throws SenetError naming the file if it is no checkpoint of the run */
export async function readCheckpoint(folder: string, run: Resumed): Promise<RunState | undefined> {
  const path = join(folder, runFiles.checkpoint);
  if (!existsSync(path)) return undefined;
  const bytes = await readBytes(path);
  try {
    return await checkpointOf(bytes, run);
  } catch (error) {
    throw underName(path, error);
  }
}

async function checkpointOf(bytes: Uint8Array, { config, network, perEpoch }: Resumed): Promise<RunState> {
  const file = await openSafetensors(bytesSource(bytes));
  const found = Object.hasOwn(file.metadata, positionKey) ? file.metadata[positionKey] : undefined;
  if (found === undefined) throw new WeightsError('is not the checkpoint of a run');
  const { steps, ...position } = naming(`metadata ${positionKey}`, () => written.read(parseJson(found), ''));
  const { epochs } = position;
  if (epochs > config.epochs || steps < epochs * perEpoch || steps > (epochs + 1) * perEpoch)
    throw new WeightsError(
      `is after step ${steps} and ${epochs} epochs, of ${config.epochs} of ${perEpoch} steps each: it is of another run`,
    );
  const tensors = new Map<string, Tensor>();
  for (const [name, stored] of file.tensors) tensors.set(name, await stored.read());
  const state = stateOf(tensors, steps);
  checkState(state, network, config);
  return { state, position, recipe: config.quantise ? recipeIn(file.metadata, network) : undefined };
}

/** @throws WeightsError if there is none, or one of another network */
function recipeIn({ [recipeKey]: text }: Readonly<Record<string, string>>, network: Graph): QuantisedRecipe {
  if (text === undefined) throw new WeightsError('does not say what the integers of a quantised network stand for');
  return naming(`metadata ${recipeKey}`, () => {
    const found = parseJson(text);
    const flaw = flawOfRecipe(found);
    if (flaw !== undefined) throw new WeightsError(flaw);
    quantisedGraph(network, found as QuantisedRecipe);
    return found as QuantisedRecipe;
  });
}
