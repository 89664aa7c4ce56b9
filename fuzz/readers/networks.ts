import { openCheckpoint, recognise } from '../../src/checkpoints/index.js';
import { type Pickled, pickle } from '../../test/support/files/pickle.js';
import { orderedDict, whole } from '../../test/support/files/torch.js';
import { zip } from '../../test/support/files/zip.js';
import type { Draw } from '../draw.js';
import { pickled } from '../make/pickles.js';
import type { Reader } from '../reader.js';
import { small, smallParameters } from './small.js';

/** Checkpoints of a network, as trainers wrap them and beside what trainers keep: found, recognised and read. */

/** Every tensor is one number, seen as often as its shape has elements: the file stays small. */
const tensor = (shape: readonly number[]): Pickled => ({
  call: { global: 'torch._utils._rebuild_tensor_v2' },
  args: [
    { persistent: { tuple: ['storage', { global: 'torch.FloatStorage' }, '0', 'cpu', 1] } },
    ...[0, { tuple: shape }, { tuple: shape.map(() => 0) }, false, orderedDict([])],
  ],
});

/** A tensor may be no larger than twice its file. */
const unused = new Uint8Array(80_000);

type Entries = readonly (readonly [Pickled, Pickled])[];

const strangers = [
  'criterion.pos_weight',
  'total_ops',
  'conv1.total_params',
  '__proto__',
  'constructor',
  '',
  '.',
  '..',
  'conv1.',
  'a'.repeat(3000),
  '.'.repeat(300),
];

function stateDict(names: readonly (readonly [string, readonly number[]])[], draw: Draw): Entries {
  const prefix = draw.pick(['', '', 'module.', 'model.', 'net.', 'module.module.', '__proto__.', '.']);
  const entries: [Pickled, Pickled][] = names.map(([name, shape]) => [prefix + name, tensor(shape)]);
  for (let i = draw.whole(0, 3); i > 0; i--) {
    const at = draw.whole(0, entries.length - 1);
    const kind = draw.whole(0, 4);
    if (kind === 0) entries.splice(at, 1);
    else if (kind === 1) entries.push([draw.pick(strangers), tensor(draw.several(3, () => draw.whole(0, 4)))]);
    else if (kind === 2) entries.push([draw.pick(strangers), pickled(draw, 2)]);
    else if (kind === 3) (entries[at] as [Pickled, Pickled])[1] = draw.once(2) ? pickled(draw, 3) : tensor([draw.whole(0, 20)]);
    else (entries[at] as [Pickled, Pickled])[0] = draw.pick([...strangers, 7, null, true]);
  }
  return entries;
}

function wrapped(names: readonly (readonly [string, readonly number[]])[], draw: Draw): Pickled {
  const dict = (): Pickled => orderedDict(stateDict(names, draw));
  if (draw.once(3)) return dict();
  const beside = ['epoch', 'best_acc1', 'args', 'optimizer', 'scheduler', 'rng', 'loss', 'hyper_parameters', '__proto__'];
  const entries: (readonly [Pickled, Pickled])[] = [[draw.pick(['state_dict', 'model', 'net', 'model_state_dict', 'weights']), dict()]];
  if (draw.once(3))
    entries.push([
      draw.pick(['model_ema', 'state_dict_ema', 'ema']),
      draw.once(2)
        ? {
            dict: [
              ['n_averaged', 1],
              ['module', dict()],
            ],
          }
        : dict(),
    ]);
  for (const name of draw.several(3, () => draw.pick(beside))) entries.push([name, draw.once(2) ? tensor([]) : pickled(draw, 1)]);
  return { dict: entries };
}

export async function openNetworks(): Promise<Reader> {
  const names = smallParameters().map(({ name, shape }) => [name, shape] as const);
  return {
    make(draw) {
      const bytes = pickle(wrapped(names, draw));
      const entries = [bytes, new Uint8Array(4), unused].map((content, i) => ({
        name: ['a/data.pkl', 'a/data/0', 'a/data/1'][i] as string,
        bytes: () => content,
      }));
      const file = whole(zip(entries));
      return { [draw.once(50) ? 'unnamed' : 'named']: file };
    },
    async read({ named, unnamed }) {
      const checkpoint = await openCheckpoint((named ?? unnamed) as Uint8Array);
      await recognise(checkpoint, named && small);
    },
  };
}
