import type { Kernel } from './abi.js';
import type { Group } from './group.js';
import type { Layout } from './layout.js';
import type { Packing } from './packing.js';
import type { ProductForm } from './quantised/forms.js';

/**
 * A plan is plain data: kernel calls in order, the buffers between them, and how the weights are to be packed. It can be printed,
 * compared, posted to a worker; a session only walks it.
 */
export interface Plan {
  readonly target: Target;
  readonly steps: readonly Step[];
  readonly buffers: readonly Buffer[];
  readonly weights: ReadonlyMap<string, Packing>;
  readonly inputs: readonly PlanValue[];
  readonly outputs: readonly PlanValue[];
  /** Size of the arena that holds all buffers. */
  readonly arenaBytes: number;
}

/** The register tile of the matrix product: rows of pixels by output channels. */
export interface Tile {
  readonly rows: 4 | 5 | 6;
  readonly columns: 8 | 16;
}

/**
 * How 3×3 convolutions of stride 1 are computed: `direct`; `fast`, Winograd's where costs.ts says that it is faster; or one of Winograd's
 * wherever it can be, for tests and for measuring those costs.
 */
export type Algorithms = 'direct' | 'fast' | 'winograd2' | 'winograd4';

/** What a plan is made for: it decides how weights are packed and how much scratch there is. */
export interface Target {
  readonly tile: Tile;
  readonly threads: number;
  readonly algorithms: Algorithms;
  /** The fastest form of products of bytes that is exact there. @defaultValue 'wide', which is exact everywhere */
  readonly products?: ProductForm;
}

/** A number, or the address of packed weights, or of a buffer: `at` bytes into it, and where it is scratch, `perThread` bytes further a thread. */
export type Arg = number | { readonly buffer: number; readonly at?: number; readonly perThread?: number } | { readonly weights: string };

export interface Step {
  readonly kernel: Kernel;
  /** The step's meaning: these nodes, run one by one by the reference. Empty where several steps share a group but the last. */
  readonly covers: Group;
  /** By the names of abi.ts; `begin` and `end` come from `extent`. */
  readonly args: Readonly<Record<string, Arg>>;
  /** Iterations, which threads may split. */
  readonly extent: number;
  /** Multiply-adds that the step makes; of Winograd's products fewer than the nodes that they stand for. */
  readonly macs: number;
}

export interface Buffer {
  readonly bytes: number;
  /** The steps between which its contents matter, both included. */
  readonly firstStep: number;
  readonly lastStep: number;
  /** A buffer that dies in `firstStep` and whose bytes this one takes over, element by element. */
  readonly takes?: number;
  /** Bytes from the arena's start; a multiple of 64. */
  readonly offset: number;
}

/** A named tensor at the plan's border: its logical shape, and how its buffer holds it. Inputs are plain NCHW. */
export interface PlanValue {
  readonly name: string;
  readonly shape: readonly number[];
  readonly buffer: number;
  readonly layout: Layout;
  /** Of an output whose numbers are int32 in memory too. @defaultValue floats, or bytes by its layout */
  readonly dtype?: 'int32';
  /** Of an input of a quantised graph: no integer stands for NaN. @defaultValue false */
  readonly refusesNaN?: true;
  /** The first step that reads an input; the one that completes an output. */
  readonly step: number;
}

/** Rows of one image that kernels take together; kernels/gather.ts says why 60. */
export const blockRows = 60;

export const blocksOf = (rows: number): number => Math.ceil(rows / blockRows);
