import { concatBytes, text, u64 } from './bytes.js';
import { type Pickled, pickle } from './pickle.js';
import { type ZipOptions, zip } from './zip.js';

/** What `torch.save` writes. */

export type StorageType = 'Float' | 'Double' | 'Half' | 'BFloat16' | 'Long';
const widths: Readonly<Record<StorageType, number>> = { Float: 4, Double: 8, Half: 2, BFloat16: 2, Long: 8 };

/** A tensor that has a storage of its own. */
export interface TorchItem {
  readonly name: string;
  readonly type: StorageType;
  readonly shape: readonly number[];
  readonly bytes: () => Uint8Array;
}

export type Wrap = (stateDict: Pickled) => Pickled;
const asIs: Wrap = (stateDict) => stateDict;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
const stridesOf = (shape: readonly number[]): number[] => shape.map((_, i) => sizeOf(shape.slice(i + 1)));

/** An OrderedDict of tensors whose storages' keys are their places. */
function stateDict(items: readonly TorchItem[], form: 'zip' | 'legacy'): Pickled {
  const tensor = ({ type, shape }: TorchItem, key: number): Pickled => ({
    call: { global: 'torch._utils._rebuild_tensor_v2' },
    args: [
      {
        persistent: {
          tuple: ['storage', { global: `torch.${type}Storage` }, String(key), 'cpu', sizeOf(shape), ...(form === 'legacy' ? [null] : [])],
        },
      },
      0,
      { tuple: shape },
      { tuple: stridesOf(shape) },
      false,
      orderedDict([]),
    ],
  });
  return orderedDict(items.map((item, i) => [item.name, tensor(item, i)]));
}

export const orderedDict = (items: readonly (readonly [Pickled, Pickled])[]): Pickled => ({
  call: { global: 'collections.OrderedDict' },
  args: [],
  items,
});

export interface TorchZipOptions extends ZipOptions {
  readonly byteorder?: string;
  readonly deflated?: boolean;
}

export function torchZip(
  items: readonly TorchItem[],
  wrap = asIs,
  { byteorder = 'little', deflated = false, ...options }: TorchZipOptions = {},
): Generator<Uint8Array> {
  return zip(
    [
      { name: 'archive/data.pkl', bytes: () => pickle(wrap(stateDict(items, 'zip'))), deflated },
      { name: 'archive/byteorder', bytes: () => text(byteorder) },
      ...items.map(({ bytes }, i) => ({ name: `archive/data/${i}`, bytes, deflated })),
      { name: 'archive/version', bytes: () => text('3\n') },
    ],
    options,
  );
}

export interface LegacyOptions {
  readonly magic?: bigint;
  readonly version?: Pickled;
  readonly littleEndian?: boolean;
}

export function* torchLegacy(
  items: readonly TorchItem[],
  wrap = asIs,
  { magic = 0x1950a86a20f9469cfc6cn, version = 1001, littleEndian = true }: LegacyOptions = {},
): Generator<Uint8Array> {
  const sizes: Pickled = { dict: Object.entries({ short: 2, int: 4, long: 4 }) };
  yield pickle(magic);
  yield pickle(version);
  yield pickle({
    dict: [
      ['protocol_version', 1001],
      ['little_endian', littleEndian],
      ['type_sizes', sizes],
    ],
  });
  yield pickle(wrap(stateDict(items, 'legacy')));
  yield pickle({ list: items.map((_, i) => String(i)) });
  for (const { bytes, type } of items) {
    const data = bytes();
    yield u64(data.length / widths[type]);
    yield data;
  }
}

export const whole = (parts: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> => concatBytes(parts);
