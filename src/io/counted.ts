import type { Source } from './source.js';

/** A source that tells after each read how many bytes were read so far: no more than it has, although some may be read twice. */
export function counted(source: Source, told: (bytes: number) => void): Source {
  const { size } = source;
  let bytes = 0;
  return {
    size,
    async read(begin, length, into) {
      const range = await source.read(begin, length, into);
      bytes = Math.min(bytes + length, size);
      told(bytes);
      return range;
    },
  };
}
