import { adamW } from './adamw.js';
import type { OptimiserConfig, TrainingConfig } from './config.js';
import type { Tensors } from './optimiser.js';
import { cosineSchedule, oneCycleSchedule, type Schedule, stepSchedule } from './schedule.js';
import { sgd } from './sgd.js';

/** What an optimiser keeps between steps, by what it is: `momentum`, or `first` and `second`. Nothing before the first step. */
export type Slots = Readonly<Record<string, Tensors>>;

/** Any of the optimisers: a step, the one after `steps` of them, at the rate `lr`. */
export type Optimiser = (given: {
  readonly weights: Tensors;
  readonly gradients: Tensors;
  readonly slots: Slots;
  readonly steps: number;
  readonly lr: number;
}) => { readonly weights: Tensors; readonly slots: Slots };

export function optimiserOf(config: OptimiserConfig): Optimiser {
  if (config.name === 'sgd') {
    const { name: _, ...options } = config;
    return ({ weights, gradients, slots, lr }) => {
      const stepped = sgd({ weights, gradients, state: slots.momentum }, { ...options, lr });
      return { weights: stepped.weights, slots: { momentum: stepped.state } };
    };
  }
  const { name: _, ...options } = config;
  const betas = config.betas as readonly [number, number];
  return ({ weights, gradients, slots: { first, second }, steps, lr }) => {
    const state = first && second && { steps, first, second };
    const stepped = adamW({ weights, gradients, state }, { ...options, betas, lr });
    return { weights: stepped.weights, slots: { first: stepped.state.first, second: stepped.state.second } };
  };
}

/** The rate of each step of a run whose epochs are of so many steps. */
export function scheduleOf({ schedule, lr, epochs }: Pick<TrainingConfig, 'schedule' | 'lr' | 'epochs'>, stepsPerEpoch: number): Schedule {
  const steps = epochs * stepsPerEpoch;
  switch (schedule.name) {
    case 'constant':
      return () => lr;
    case 'step':
      return stepSchedule({ lr, at: schedule.at.map((epoch) => epoch * stepsPerEpoch), factor: schedule.factor });
    case 'cosine':
      return cosineSchedule({ lr, steps, end: schedule.end });
    case 'one-cycle': {
      const { rise, start = lr / 25, end = start / 1e4 } = schedule;
      return oneCycleSchedule({ lr, steps, rise, start, end });
    }
  }
}
