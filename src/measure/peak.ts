import { build } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../io/synthetic.js';
import { conv, relu } from '../models/layers.js';
import type { Kernel } from '../plan/abi.js';
import { stepLines } from '../plan/print.js';
import type { Shape } from '../tensor.js';
import type { KernelsBuild } from '../wasm/features.js';
import { compile } from '../wasm/session.js';

/** The two limits of this machine that a step can run into, each reached by a kernel of ours. */
export interface Peak {
  /** The register tile with its operands in the first cache. */
  readonly gflops: number;
  /** Reading and writing a buffer that no cache holds. */
  readonly gigabytesPerSecond: number;
}

/**
 * 24 pixels, a multiple of every tile height, of 256 channels: 24 KiB, and a panel of weights 8 or 16 KiB. The panels come out of the
 * second cache one after another, a byte for every six products, which costs nothing.
 */
const product = { image: [1, 256, 4, 6], out: 256 } as const;

/** 64 MiB, read and written in place. */
const plane: Shape = [1, 64, 512, 512];

/** Measures both, in about a second. Threads share memory but not their registers: the product is timed on one, and counted for each. */
export async function measurePeak(kernels: KernelsBuild, threads: number): Promise<Peak> {
  const tile = build(product.image, (x) => conv(x, 'conv', { out: product.out, kernel: 1 }));
  const pass = build(plane, relu);
  const inTile = await best(tile, 'conv', { kernels, threads: 1, forMs: 250 });
  const inPass = await best(pass, 'activation', { kernels, threads, forMs: 500 });
  return { gflops: (threads * 2 * inTile.macs) / inTile.ms / 1e6, gigabytesPerSecond: inPass.bytes / inPass.ms / 1e6 };
}

interface BestOptions {
  readonly kernels: KernelsBuild;
  readonly threads: number;
  readonly forMs: number;
}

/** The fastest of a step's runs: whatever slows it is not the machine's limit. The first ones also let the engine optimise the kernel. */
async function best(graph: Graph, kernel: Kernel, { kernels, threads, forMs }: BestOptions) {
  const session = await compile(graph, syntheticWeights(graph, { seed: 7 }), { kernels, threads, algorithms: 'direct' });
  const image = syntheticTensor('input', (graph.nodes[0] as Graph['nodes'][number]).shape, 7);
  const at = session.plan.steps.findIndex((step) => step.kernel === kernel);
  const { macs = 0, bytes = 0 } = stepLines(graph, session.plan)[at] ?? {};
  let ms = Infinity;
  const end = performance.now() + forMs;
  do ms = Math.min(ms, session.profile(image).stepMs[at] as number);
  while (performance.now() < end);
  session.dispose();
  return { ms, macs, bytes };
}
