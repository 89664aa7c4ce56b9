import type { Shape } from '../../../src/tensor.js';
import { u64 } from './bytes.js';
import { type Pickled, pickle } from './pickle.js';
import { itemsOf, published } from './published.js';
import type { TorchItem } from './torch.js';

/** Files as the Places365 project wrote them, with Python 2.7 and PyTorch 0.2 (docs/spec/checkpoints.md §7.1), with generated values. */

const text = (bytes: string): Pickled => ({ bytes });
const classes = 365;

/** The tensors of torchvision's definition with 365 classes; batch norm had no counters yet. */
export function placesItems(arch: 'resnet18' | 'resnet50'): readonly TorchItem[] {
  const row = published.find(({ id }) => id === `torchvision/${arch}`) as (typeof published)[number];
  const tensors = Object.fromEntries(
    Object.entries(row.tensors).map(([name, shape]): [string, Shape] => [
      name,
      name.startsWith('fc.') ? [classes, ...shape.slice(1)] : shape,
    ]),
  );
  return itemsOf({ ...row, tensors }).filter(({ type }) => type === 'Float');
}

/** What `torch.save` of PyTorch 0.2 wrote of a training's state. */
export function* placesFile(arch: string, items: readonly TorchItem[]): Generator<Uint8Array> {
  const sizes: Pickled = { dict: [[text('short'), 2] as const, [text('int'), 4] as const, [text('long'), 4] as const] };
  yield pickle(0x1950a86a20f9469cfc6cn);
  yield pickle(1001);
  yield pickle({
    dict: [
      [text('protocol_version'), 1001],
      [text('little_endian'), true],
      [text('type_sizes'), sizes],
    ],
  });
  yield pickle({
    dict: [
      [text('epoch'), 90],
      [text('arch'), text(arch)],
      [text('state_dict'), stateDict(items)],
      [text('best_prec1'), 54.65],
    ],
  });
  yield pickle({ list: items.map((_, key) => text(String(key))) });
  for (const { bytes } of items) {
    const data = bytes();
    yield u64(data.length / Float32Array.BYTES_PER_ELEMENT);
    yield data;
  }
}

/** Python 2 calls an OrderedDict with its entries, each a list of two. */
function stateDict(items: readonly TorchItem[]): Pickled {
  const entries = items.map((item, key): Pickled => ({ list: [text(item.name), tensor(item, key)] }));
  return { call: { global: 'collections.OrderedDict' }, args: [{ list: entries }] };
}

function tensor({ shape }: TorchItem, key: number): Pickled {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, extent) => product * extent, 1));
  const storage: Pickled = { tuple: [text('storage'), { global: 'torch.FloatStorage' }, text(String(key)), text('cuda:0'), size, null] };
  return { call: { global: 'torch._utils._rebuild_tensor' }, args: [{ persistent: storage }, 0, { tuple: shape }, { tuple: strides }] };
}

/** Within `DataParallel`. */
export const parallel = (items: readonly TorchItem[]): readonly TorchItem[] =>
  items.map((item) => ({ ...item, name: `module.${item.name}` }));

/** The first lines of `categories_places365.txt`, then ones of the same form. */
export const categories = [
  ...['/a/airfield 0', '/a/airplane_cabin 1', '/a/airport_terminal 2', '/a/alcove 3', '/a/alley 4', '/a/amphitheater 5'],
  ...['/a/amusement_arcade 6', '/a/amusement_park 7', '/a/apartment_building/outdoor 8'],
  ...Array.from({ length: classes - 9 }, (_, i) => `/z/zone/${i + 9} ${i + 9}`),
].join('\n');
