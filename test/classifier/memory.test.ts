import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createClassifier } from '../../src/index.js';
import { long } from '../support/length.js';

setFlagsFromString('--expose-gc');
setFlagsFromString('--no-concurrent-array-buffer-sweeping'); // else buffers that are gone still count for a while
const collect = runInNewContext('gc') as () => void;

/** Bytes that are held, of JavaScript and beside it, WebAssembly's memories among them. */
function held(): number {
  collect();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + arrayBuffers + external;
}

test.each([false, true])(
  `${long ? 'a thousand' : 'hundreds of'} classifications hold nothing (in a worker: %s)`,
  { timeout: 120_000 },
  async (worker) => {
    using classifier = await createClassifier({ gates: true, worker });
    const side = 32;
    const image = 3 * 4 * side * side; // as the network takes it
    const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => (i * 37) % 256);
    const classify = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) await classifier.classify({ width: side, height: side, data });
    };
    const times = long ? 200 : 50;
    await classify(times); // until code is compiled and buffers have their size
    // What is kept of each picture is kept in every stretch; what V8 happens to compile or free falls into some.
    const each: number[] = [];
    for (let stretch = 0; stretch < 5; stretch++) {
      const before = held();
      await classify(times);
      each.push((held() - before) / times);
    }
    expect(Math.min(...each)).toBeLessThan(image / 10); // far less than a picture, or its gates
  },
);
