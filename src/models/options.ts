import { InputError } from '../errors.js';
import { nearest } from '../graph/nearest.js';
import { kindOf, shown } from '../tensor.js';
import { excitations, gateOptions, type Model, type ModelOptions, placements, squeezes } from './model.js';

interface OptionKind {
  readonly is: (value: unknown) => boolean;
  readonly what: string;
}

const oneOf = (values: readonly string[]): OptionKind => ({
  is: (value) => values.includes(value as string),
  what: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
});
const isExtent = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

const chosen: OptionKind = {
  is: (value) => typeof value === 'boolean' || (Array.isArray(value) && value.every((path) => typeof path === 'string')),
  what: 'true, false or a list of module paths',
};

/** What each option may be, for callers whose types nobody checked. */
const optionKinds: Readonly<Record<keyof ModelOptions, OptionKind>> = {
  classes: { is: isExtent, what: 'a whole number from 1' },
  size: {
    is: (value) => isExtent(value) || (Array.isArray(value) && value.length === 2 && value.every(isExtent)),
    what: 'a whole number from 1, or [height, width]',
  },
  batch: { is: isExtent, what: 'a whole number from 1' },
  reduction: { is: isExtent, what: 'a whole number from 1' },
  squeeze: oneOf(squeezes),
  excitation: oneOf(excitations),
  gateBias: { is: (value) => typeof value === 'boolean', what: 'true or false' },
  placement: oneOf(placements),
  stages: { is: (value) => Array.isArray(value) && value.every(isExtent), what: 'a list of whole numbers from 1' },
  gates: chosen,
  features: chosen,
  se: { is: (value) => typeof value === 'boolean', what: 'true or false' },
  quantised: { is: () => false, what: 'left to createModel(id, { quantised }): a row of the zoo makes the float network' },
};

function checkOption(key: string, value: unknown): void {
  const known = Object.keys(optionKinds);
  const kind = known.includes(key) ? optionKinds[key as keyof ModelOptions] : undefined;
  if (kind === undefined) throw new InputError(`unknown option ${key}${nearest(key, known)}`);
  if (value !== undefined && !kind.is(value)) throw new InputError(`${key} must be ${kind.what}, not ${shown(value)}`);
}

/** @throws InputError for what is no option, or none of this network's */
export function checkOptions({ id, se, takes = [] }: Pick<Model, 'id' | 'se' | 'takes'>, options: ModelOptions): void {
  if (typeof options !== 'object' || options === null) throw new InputError(`options are an object, not ${kindOf(options)}`);
  for (const [key, value] of Object.entries(options)) checkOption(key, value);
  for (const key of gateOptions)
    if (options[key] !== undefined && !takes.includes(key))
      throw new InputError(`${id} ${se ? 'does not take' : 'has no SE blocks, so no'} ${key}`);
}
