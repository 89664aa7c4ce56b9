import type { Gates } from 'senet';

/** What the gates of a picture become. */
export const targets = {
  one: 'all open: every gate 1',
  mean: 'all alike: the mean of their block',
  shuffled: 'shuffled within their block',
} as const;
export type Target = keyof typeof targets;

export interface Change {
  readonly target: Target;
  /** From 0, the gates as trained, to 1. */
  readonly amount: number;
  /** Stages whose gates stay as trained. */
  readonly kept: readonly string[];
}

/** The stage that a gate is in, by its module path: `layer2.1.se.gate` is in `layer2`, `features.4.block.2.scale_activation` in `features.4`. */
export function stageOf(gate: string): string {
  const [first = gate, second] = gate.split('.');
  return /\d/.test(first) || second === undefined ? first : `${first}.${second}`;
}

export const stagesOf = (gates: Gates): readonly string[] => [...new Set([...gates.keys()].map(stageOf))];

/** Each gate on its way from what it is to what it becomes. */
export function changed(gates: Gates, { target, amount, kept }: Change): Gates {
  return new Map(
    [...gates].map(([name, values]) => {
      if (kept.includes(stageOf(name))) return [name, values];
      const aim = aims[target](values);
      return [name, Float32Array.from(values, (value, c) => value + amount * ((aim[c] as number) - value))];
    }),
  );
}

const aims: Readonly<Record<Target, (values: ArrayLike<number>) => ArrayLike<number>>> = {
  one: (values) => new Float32Array(values.length).fill(1),
  mean: (values) => new Float32Array(values.length).fill(Array.from(values).reduce((sum, value) => sum + value, 0) / values.length),
  shuffled,
};

/** The same order for the same number of channels, so that a shared view is the same view. Fisher & Yates, over a generator of Lehmer's. */
function shuffled(values: ArrayLike<number>): Float32Array {
  const result = Float32Array.from(values);
  let state = 2 * values.length + 1;
  for (let i = result.length - 1; i > 0; i--) {
    state = (48271 * state) % 2147483647;
    const j = state % (i + 1);
    [result[i], result[j]] = [result[j] as number, result[i] as number];
  }
  return result;
}

/** The largest distance of a gate from one half, over all pictures: what the colours reach to. */
export function reach(all: readonly Gates[]): number {
  let largest = 0;
  for (const gates of all)
    for (const values of gates.values())
      for (let c = 0; c < values.length; c++) largest = Math.max(largest, Math.abs((values[c] as number) - 0.5));
  return largest;
}
