import { expect } from 'vitest';
import { bounds } from '../../src/bound/bound.js';
import { evaluate } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { furtherRulesOf } from '../../src/plan/further.js';
import { isQuantised, lower } from '../../src/plan/lower.js';
import { place } from '../../src/plan/place.js';
import type { Algorithms, Plan, PlanValue, Tile } from '../../src/plan/plan.js';
import type { ProductForm } from '../../src/plan/quantised/forms.js';
import type { Lowered } from '../../src/plan/writer.js';
import type { Tensor } from '../../src/tensor.js';
import { CompiledSession } from '../../src/wasm/compiled.js';
import { type KernelsBuild, supports } from '../../src/wasm/features.js';
import { instantiate } from '../../src/wasm/instance.js';
import { tiles } from '../../src/wasm/options.js';
import { productForm } from '../../src/wasm/quantised/form.js';
import { expectWithin } from './expectWithin.js';

export type Weights = ReadonlyMap<string, Tensor>;
export type Inputs = Readonly<Record<string, Tensor>>;

export interface Engine {
  readonly kernels: KernelsBuild;
  readonly tile: Tile;
  readonly algorithms?: Algorithms;
  /** Of products of bytes. @defaultValue the fastest that is exact here */
  readonly form?: ProductForm;
}

/** Every build of the kernels that this engine runs, with every tile. */
export const engines: readonly Engine[] = (['strict', 'relaxed'] as const)
  .filter(supports)
  .flatMap((kernels) => Object.values(tiles).map((tile) => ({ kernels, tile })));

/** One tile a build, for kernels that have none. */
export const builds: readonly Engine[] = engines.filter(
  ({ kernels }, i) => engines.findIndex((engine) => engine.kernels === kernels) === i,
);

/** A NaN that no computation makes. */
const canary = 0x7fc0dead;

/**
 * Runs the graph's plan on memory that is filled with NaN, and checks that nothing outside the plan's buffers was written, neither the weights
 * nor the gaps, and that outputs end in zero pads. `spread` gives each buffer bytes of its own with a gap behind; otherwise they are placed
 * as they ship, taking over one another's bytes.
 */
export async function onWasm(
  graph: Graph,
  weights: Weights,
  inputs: Inputs,
  { kernels, tile, algorithms = 'direct', form }: Engine,
  how: 'placed' | 'spread',
) {
  const products = isQuantised(graph) ? { products: form ?? productForm(kernels) } : {};
  const lowered = lower(graph, { tile, threads: 1, algorithms, ...products }, furtherRulesOf(graph));
  const plan = how === 'placed' ? place(lowered) : spread(lowered);
  const instance = await instantiate(plan, weights, kernels);
  const { memory, arena, resolve } = instance;
  const constants = new Uint8Array(memory.buffer, 0, arena).slice();
  new Int32Array(memory.buffer, arena).fill(canary);

  const outputs = new CompiledSession(plan, kernels, instance).run(inputs);

  expect(Buffer.compare(constants, new Uint8Array(memory.buffer, 0, arena)), 'page 0, weights and tables are untouched').toBe(0);
  const used = new Uint8Array(memory.buffer.byteLength - arena);
  for (const { offset, bytes } of plan.buffers) used.fill(1, offset, offset + bytes);
  const words = new Int32Array(memory.buffer, arena);
  const stray = words.findIndex((word, i) => word !== canary && used[i * 4] === 0);
  expect(stray, 'a write outside every buffer').toBe(-1);
  for (const port of plan.outputs) expectZeroPads(memory, resolve({ buffer: port.buffer }), port);
  return outputs;
}

function spread({ buffers, ...lowered }: Lowered): Plan {
  let offset = 0;
  const apart = buffers.map(({ bytes, firstStep, lastStep }) => {
    const buffer = { bytes, firstStep, lastStep, offset };
    offset += Math.ceil((bytes + 128) / 64) * 64;
    return buffer;
  });
  return { ...lowered, buffers: apart, arenaBytes: offset };
}

function expectZeroPads(
  memory: WebAssembly.Memory,
  address: number,
  { name, layout: { images, image, pixel, channels, base } }: PlanValue,
): void {
  if (base !== undefined) return; // pads of bytes hold anything
  const values = new Float32Array(memory.buffer, address, (images * image) / 4);
  const dirty = values.findIndex((value, i) => i % (pixel / 4) >= channels && value !== 0);
  expect(dirty, `pad channels of ${name}`).toBe(-1);
}

/** Every engine's outputs lie within the derived bound, and strict ones are the same bits whatever the tile. */
export async function expectAllWithin(
  graph: Graph,
  inputs: Inputs,
  weights: Weights,
  which = engines,
  meaning = bounds(weights, inputs),
): Promise<void> {
  const expected = evaluate(graph, meaning);
  let strict: ReadonlyMap<string, Tensor> | undefined;
  for (const engine of which)
    for (const how of ['placed', 'spread'] as const) {
      const outputs = await onWasm(graph, weights, inputs, engine, how);
      for (const [name, bounded] of expected)
        expectWithin(outputs.get(name) as Tensor, bounded, `${engine.kernels} ${engine.tile.rows}x${engine.tile.columns} ${how} ${name}`);
      if (engine.kernels === 'strict') {
        strict ??= outputs;
        for (const [name, tensor] of strict) expectSame(outputs.get(name) as Tensor, tensor, `strict bits of ${name}`);
      }
    }
}

const bytesOf = ({ data }: Tensor): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** Number by number, which takes long, only where the bytes differ. */
function expectSame(found: Tensor, expected: Tensor, what: string): void {
  if (!bytesOf(found).equals(bytesOf(expected))) expect(found.data, what).toEqual(expected.data);
}

export const weightsFor = (graph: Graph, seed: number): Weights => syntheticWeights(graph, { seed, gain: 1 });
