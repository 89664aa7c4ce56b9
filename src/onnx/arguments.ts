import type { OnnxNode } from './node.js';
import type { Constant } from './tensor.js';
import { cannot, isFixed, type Known } from './values.js';
import { placeOf } from './versions.js';

/** A node with what its inputs stand for: its arguments are read in one way, whichever operator set it is of. */
export class NodeCall {
  readonly node: OnnxNode;
  readonly opset: number;
  /** Undefined where an input is left out. */
  readonly inputs: readonly (Known | undefined)[];

  constructor(node: OnnxNode, opset: number, inputs: readonly (Known | undefined)[]) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
  }

  /** The same of other inputs. */
  of(inputs: NodeCall['inputs']): NodeCall {
    return new NodeCall(this.node, this.opset, inputs);
  }

  /** Whole numbers, of an attribute or of an input that is a constant. */
  ints(name: string): readonly number[] | undefined {
    const found = this.#argument(name);
    if (found === undefined) return undefined;
    const numbers = typeof found === 'number' ? [found] : [...found];
    if (!numbers.every(Number.isInteger)) cannot(`${name} must be whole numbers`);
    return numbers;
  }

  numbers(name: string): readonly number[] | undefined {
    const found = this.#argument(name);
    return found === undefined ? undefined : typeof found === 'number' ? [found] : [...found];
  }

  int(name: string, otherwise: number): number {
    const found = this.ints(name);
    return found === undefined ? otherwise : this.#only(name, found);
  }

  number(name: string, otherwise: number): number {
    const found = this.numbers(name);
    return found === undefined ? otherwise : this.#only(name, found);
  }

  text(name: string, otherwise: string): string {
    const found = this.node.attributes.get(name);
    if (found !== undefined && typeof found !== 'string') cannot(`${name} must be text`);
    return found ?? otherwise;
  }

  /** The constant that an input is; undefined where it is left out. */
  constant(input: number, what: string): Constant | undefined {
    const found = this.inputs[input];
    if (found === undefined) return undefined;
    return isFixed(found) ? found.constant : cannot(`${what} must be constant`);
  }

  #only(name: string, found: readonly number[]): number {
    return found.length === 1 ? (found[0] as number) : cannot(`${name} must be one number`);
  }

  #argument(name: string): number | (ArrayLike<number> & Iterable<number>) | undefined {
    const { isInput, input, since } = placeOf(this.opset, this.node, name);
    const found = this.node.attributes.get(name);
    if (isInput && found !== undefined) cannot(`${name} is an input from operator set ${since} on, and no attribute`);
    if (isInput) return this.constant(input, name)?.data;
    if (this.inputs[input] !== undefined) cannot(`${name} is an attribute before operator set ${since}, and no input`);
    if (found === undefined || typeof found === 'number') return found;
    return Array.isArray(found) && found.every((value) => typeof value === 'number')
      ? (found as number[])
      : cannot(`${name} must be numbers`);
  }
}
