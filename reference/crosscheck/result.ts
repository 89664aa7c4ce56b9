import type { Case } from '../properties/case.js';
import type { PropertyName } from '../properties/properties.js';
import type { Provenance } from './engine.js';

export interface Origin extends Provenance {
  /** Of a GPU: how it is known to compute in float32. */
  readonly precision?: string;
}

/** What may be wrong with an engine: see judge.ts; `fails`: it threw. */
export const faults = ['above', 'nonfinite', 'denormal', 'fails'] as const;
export type Fault = (typeof faults)[number];

/** An op on an engine, over all its cases. */
export interface Row {
  readonly op: PropertyName;
  readonly engine: string;
  /** That ran, or broke: without those that the engine does not support. */
  readonly cases: number;
  readonly unsupported: number;
  /** What the engine said to the first of those. */
  readonly refusal?: string;
  /** Of the cases, those that were composed of several calls. */
  readonly composed: number;
  /** The largest error in units of the bound, and in ULP, over all cases but those whose fault is `nonfinite`, `denormal` or `fails`. */
  readonly ratio: number;
  readonly ulps: number;
  /** Cases beyond WebNN's limit, of those same cases. */
  readonly beyondWebnn: number;
  readonly faults: Readonly<Record<Fault, number>>;
}

/** A fault of an engine in an op, shrunk to the smallest case that has it. */
export interface Finding {
  readonly op: PropertyName;
  readonly engine: string;
  readonly ours: boolean;
  readonly fault: Fault;
  readonly cases: number;
  readonly smallest: Case;
  /** fast-check's way from the run's seed to the smallest case, for `--path`. */
  readonly path: string;
  /** What is wrong there, in words. */
  readonly what: string;
}

export interface Result {
  readonly date: string;
  readonly command: string;
  readonly seed: number;
  readonly host: { readonly cpu: string; readonly cores: number; readonly node: string; readonly v8: string };
  readonly engines: readonly Origin[];
  /** Engines that were not available, and why. */
  readonly missing: readonly string[];
  /** Of convolutions and linear layers: cases that sum at least 64 products and have an extent beyond a tile. */
  readonly deep: Readonly<Record<string, { readonly cases: number; readonly of: number }>>;
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
}
