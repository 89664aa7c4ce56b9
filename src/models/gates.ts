import { type Activation, globalAvgPool, globalMaxPool, relu, sigmoid, tanh } from './layers.js';
import type { ModelOptions } from './model.js';
import type { GateConfig } from './squeezeExcite.js';

const squeezed = { avg: globalAvgPool, max: globalMaxPool, none: 'none' } as const satisfies Record<string, GateConfig['squeeze']>;
const excited: Readonly<Record<NonNullable<ModelOptions['excitation']>, Activation>> = { sigmoid, tanh, relu };

/** A gate as its source has it, but for what the options want: `squeeze`, `excitation` and `gateBias`. */
export function wanted(config: GateConfig, { squeeze, excitation, gateBias }: ModelOptions): GateConfig {
  return {
    ...config,
    ...(squeeze && { squeeze: squeezed[squeeze] }),
    ...(excitation && { activation: excited[excitation] }),
    ...(gateBias !== undefined && { bias: gateBias }),
  };
}
