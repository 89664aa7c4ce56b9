// Readers with a fault each, and two without, to see that the fuzzer finds what there is to find and nothing else.
import { InputError } from '../../dist/src/errors.js';

const make = () => ({ file: new Uint8Array(100) });
const reader = (read, baseMs = 0) => ({ share: 1, open: async () => ({ make, read, baseMs }) });
const ample = 60_000; // ms: only the memory is to blame

const kept = [];
const busy = (ms) => {
  const before = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(before);
    if (user + system > 1000 * ms) return;
  }
};

export const readers = {
  right: reader(async () => {}),
  refuses: reader(async () => {
    throw new InputError('expected something else');
  }),
  untyped: reader(async () => {
    throw new TypeError('undefined is not a function');
  }),
  dies: reader(async () => process.abort()),
  rejects: reader(async () => void Promise.reject(new Error('nobody hears it'))),
  endless: reader(async () => busy(Number.POSITIVE_INFINITY)),
  waits: reader(() => new Promise(() => {})),
  slow: reader(async () => busy(150)),
  array: reader(async () => void new Float64Array(2 ** 20)),
  memory: reader(async () => void new WebAssembly.Memory({ initial: 1 }).grow(100)),
  arrays: reader(async () => {
    kept.push(Array.from({ length: 100 }, () => new Uint8Array(2 ** 20).fill(1)));
  }, ample),
  objects: reader(async () => {
    kept.push(Array.from({ length: 2 * 10 ** 6 }, (_, i) => ({ i })));
  }, ample),
  heap: reader(async () => {
    for (const list = []; ; ) list.push(new Array(10 ** 6).fill(0));
  }),
};
