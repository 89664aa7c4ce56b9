import type { JSHandle, Page } from 'playwright-core';
import { sizeOf, type Tensor } from '../../src/tensor.js';
import { float32 } from '../engines/contender.js';
import type { GpuBackend } from './gpuBackend.js';
import type { GpuCase, GpuReply } from './gpuMessage.js';

/** Values a message. Chromium ends where one exceeds 100 MB, which base64 text of 75 MB of values does. */
const valuesAMessage = 2 ** 23;

/** Has a case run by a back end in the page. Weights that exceed a message go ahead of it, in parts. */
export async function sendToPage(page: Page, backend: JSHandle<GpuBackend>, gpuCase: GpuCase): Promise<GpuReply> {
  const { weights, ...rest } = gpuCase;
  if (weights.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0) <= valuesAMessage)
    return backend.evaluate(({ run }, sent) => run(sent), gpuCase);

  const ahead = await page.evaluateHandle(() => new Map<string, Tensor>());
  try {
    for (const [name, tensor] of weights) await sendInParts(ahead, name, tensor);
    return await backend.evaluate(({ run }, sent) => run({ ...sent.rest, weights: [...sent.ahead] }), { rest, ahead });
  } finally {
    await ahead.dispose();
  }
}

async function sendInParts(ahead: JSHandle<Map<string, Tensor>>, name: string, { shape, data }: Tensor): Promise<void> {
  const values = float32(data);
  for (let begin = 0; begin < values.length; begin += valuesAMessage)
    await ahead.evaluate(
      (map, part) => {
        const { data } = map.get(part.name) ?? { data: new Float32Array(part.length) };
        data.set(part.values, part.begin);
        map.set(part.name, { shape: part.shape, data });
      },
      { name, shape, length: values.length, begin, values: values.subarray(begin, begin + valuesAMessage) },
    );
}
