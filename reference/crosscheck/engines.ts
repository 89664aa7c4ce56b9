import { InputError, UnsupportedError } from '../../src/errors.js';
import type { Checked } from './checked.js';
import { litertEngine } from './litert.js';
import { ourEngines } from './ours.js';
import { here, labelOf } from './place.js';
import { checkedTfjs, tfjsEngines } from './tfjs.js';

export interface Engines {
  readonly engines: readonly Checked[];
  /** What is not available, and why. */
  readonly missing: readonly string[];
}

/**
 * Every engine that is available, or those whose labels begin with one of `names`; GPUs only if they are wanted, and asked for.
 *
 * @throws InputError for a name that no engine has
 */
export async function findEngines(names: readonly string[], gpus: boolean): Promise<Engines> {
  const asked = (label: string): boolean => names.length === 0 || names.some((name) => label.startsWith(name));
  const all: Checked[] = [...ourEngines(here), ...(await tfjsEngines(here)), await litertEngine(here)];
  const missing: string[] = [];
  const known = (name: string): boolean => all.some(({ engine }) => labelOf(engine).startsWith(name));
  if (gpus && (names.length === 0 || !names.every(known))) {
    const { engines, missing: why } = await onGpu();
    all.push(...engines);
    missing.push(...why);
  }
  const unknown = names.find((name) => !known(name));
  if (unknown !== undefined)
    throw new InputError(
      `no engine is called ${unknown}: there are ${all.map(({ engine }) => labelOf(engine)).join(', ')}${missing.map((why) => `; ${why}`).join('')}`,
    );
  const wanted = all.filter(({ engine }) => asked(labelOf(engine)));
  for (const checked of all) if (!wanted.includes(checked)) await checked.engine.dispose();
  return { engines: wanted, missing };
}

/** Each of TensorFlow.js's GPU back ends, where there is what it needs. */
async function onGpu(): Promise<Engines> {
  const { gpuOpeners } = await import('./gpu.js');
  const engines: Checked[] = [];
  const missing: string[] = [];
  for (const open of gpuOpeners)
    try {
      engines.push(checkedTfjs(await open()));
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      missing.push(error.message);
    }
  return { engines, missing };
}
