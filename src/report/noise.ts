import type { Noise } from '../quant/noise.js';
import { table } from './table.js';

export interface QuantisedReport {
  readonly output: string;
  readonly model: string;
  readonly method: string;
  readonly pictures: number;
  /** Layers that stay floats for the sake of the target. */
  readonly added: readonly string[];
  readonly found: Noise;
  /** Each layer's own. */
  readonly own: Noise;
}

/** Layers that are named as the noisiest. */
const named = 5;

const decibels = (value: number | undefined): string => (value === undefined ? '-' : Number.isFinite(value) ? value.toFixed(1) : 'exact');

/** How near a quantised network is to the float one, layer by layer. */
export function noiseText({ output, model, method, pictures, added, found, own }: QuantisedReport): string {
  const rows = [...found.layers].map(([name, value]) => [name, decibels(own.layers.get(name)), decibels(value)]);
  const noisiest = [...own.layers].sort(([, a], [, b]) => a - b).slice(0, named);
  return [
    table([['layer', 'own noise, dB', 'with those before it, dB'], ...rows]),
    `the noisiest layers: ${noisiest.map(([name, value]) => `${name} ${decibels(value)}`).join(', ')}`,
    ...(added.length > 0 ? [`kept as floats: ${added.join(', ')}`] : []),
    `${output}: ${model}, ${method} on ${pictures === 1 ? 'one picture' : `${pictures} pictures`}: logits ${decibels(found.logits)} dB, ${(100 * found.agreement).toFixed(0)} % of the likeliest classes the same`,
  ].join('\n');
}
