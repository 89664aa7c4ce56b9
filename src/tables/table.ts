import type { ModelOptions } from '../models/model.js';

/** The options that make a network the row’s. */
export type CountedAs = Pick<ModelOptions, 'reduction' | 'squeeze' | 'excitation' | 'placement' | 'stages' | 'gateBias' | 'se' | 'classes'>;

/** A row of a table of the paper, and what of it there is here. */
export interface PaperRow {
  readonly name: string;
  /** What the paper prints, in the order of the table's columns; `-` where it prints nothing, or we do not know what. */
  readonly paper: readonly string[];
  /** The same network here, which is counted; undefined where there is none. */
  readonly model?: string;
  /** The same detector here, where the row is of one. */
  readonly detector?: string;
  readonly options?: CountedAs;
  /** Published weights to evaluate, `source/name.tag`. Their training is their publisher's, not the paper's. */
  readonly weights?: string;
  /** What would fill the row, given data. @defaultValue an evaluation of `weights`, or of a file of the user's */
  readonly commands?: readonly string[];
  /** A result of `experiments/` that measures the same on CIFAR-10: what varies, and the name of the network there. */
  readonly cifar?: { readonly finding: string; readonly name: string };
  /** Whether its milliseconds were measured here. */
  readonly timed?: true;
}

/** A table of Hu 2018 (docs/spec/paper.md §8). */
export interface PaperTable {
  /** As the paper numbers it; `cost` for what stands in its text. */
  readonly number: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly PaperRow[];
  /** The folder or list of images that its rows are evaluated on, as commands call it. */
  readonly images: string;
  /** Flags that every evaluation needs. */
  readonly flags?: string;
  /** What is counted as parameters: what training changes, or all numbers of the checkpoint, running statistics too. @defaultValue `learned` */
  readonly counted?: 'learned' | 'stored';
  /** What must be known to compare. */
  readonly notes?: readonly string[];
}

/** The paper's figures of a row. @param text those of a cell each, separated by spaces */
export const figures = (text: string): readonly string[] => text.split(' ');
