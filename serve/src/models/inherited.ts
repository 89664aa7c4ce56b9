import { fstatSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { InputError, type Source, WeightsError } from 'senet';
import { type OpenFile, weightsDescriptor } from './messages.js';

const readAt = promisify(read);

/** What tells that a file was written to: its size and times. A file that replaced it by its name is another file, and does not matter to who has it open. */
export function identityOf(descriptor: number): { readonly size: number; readonly identity: string } {
  const { dev, ino, size, mtimeNs } = fstatSync(descriptor, { bigint: true });
  return { size: Number(size), identity: [dev, ino, size, mtimeNs].join(' ') };
}

/**
 * The file of weights that this process inherited, read by ranges.
 *
 * @throws InputError, here or in `read`, if it is not what the server opened: workers of one network must have the same weights
 */
export function weightsSource({ name, size, identity }: OpenFile): Source & { readonly name: string } {
  const check = (): void => {
    if (identityOf(weightsDescriptor).identity !== identity)
      throw new InputError(`${name} was changed since it was loaded: reload the model`);
  };
  check();
  return {
    name,
    size,
    async read(begin, length, into) {
      const bytes = into?.subarray(0, length) ?? new Uint8Array(length);
      for (let filled = 0; filled < length; ) {
        const { bytesRead } = await readAt(weightsDescriptor, bytes, filled, length - filled, begin + filled);
        if (bytesRead === 0) throw new WeightsError(`${name} ends after ${begin + filled} bytes, before ${begin + length}`);
        filled += bytesRead;
      }
      check();
      return bytes;
    },
  };
}
