export interface Inflated {
  /** As many bytes as were asked for, or fewer where the stream ends early. */
  readonly bytes: Uint8Array;
  /** Whether the stream ends there, and has its checksum, which so vouches for the bytes. */
  readonly checked: boolean;
  /** What zlib says of damage; a wrong checksum is some. */
  readonly fault?: string;
}

/** The first room for what comes out, in multiples of what goes in: photographs take less, and a forged length gets no more. */
const firstRoom = 16;

/**
 * The first `size` bytes of a zlib stream (RFC 1950) that lies in pieces, which are gone through several times. What the stream holds beyond them is not kept, so it takes no memory.
 * By the engine's own zlib where it has one and the stream is sound; what is not is left to zlib in JavaScript, which says where the damage begins.
 */
export async function inflateZlib(pieces: Iterable<Uint8Array>, size: number): Promise<Inflated> {
  let stored = 0;
  for (const { length } of pieces) stored += length;
  return (await inflateNatively(pieces, size, stored)) ?? (await inflateInJavaScript(pieces, size, stored));
}

/** @returns undefined where the engine has no zlib, or finds the stream damaged */
async function inflateNatively(pieces: Iterable<Uint8Array>, size: number, stored: number): Promise<Inflated | undefined> {
  if (typeof DecompressionStream === 'undefined') return undefined;
  const { readable, writable } = new DecompressionStream('deflate');
  const feed = async (): Promise<void> => {
    const writer = writable.getWriter();
    for (const piece of pieces) await writer.write(piece as Uint8Array<ArrayBuffer>);
    await writer.close();
  };
  const fed = feed();
  fed.catch(() => {}); // the reader hears of it
  const reader = readable.getReader();
  let bytes = new Uint8Array(Math.min(size, firstRoom * stored));
  let filled = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      while (filled + value.length > bytes.length && bytes.length < size) {
        const more = new Uint8Array(Math.min(size, 2 * bytes.length));
        more.set(bytes);
        bytes = more;
      }
      bytes.set(value.subarray(0, size - filled), filled);
      filled += value.length;
      if (filled > size) {
        await reader.cancel();
        return { bytes, checked: false };
      }
    }
    await fed;
    return { bytes: bytes.subarray(0, filled), checked: true };
  } catch {
    return undefined;
  }
}

async function inflateInJavaScript(pieces: Iterable<Uint8Array>, size: number, stored: number): Promise<Inflated> {
  const { ZStream, zlibInflate, zlibInflateInit, Z_BUF_ERROR, Z_NO_FLUSH, Z_OK, Z_STREAM_END } = await import('pako');
  const stream = new ZStream();
  zlibInflateInit(stream);
  stream.output = new Uint8Array(Math.min(size, firstRoom * stored));
  stream.next_out = 0;
  stream.avail_out = stream.output.length;
  for (const piece of pieces) {
    stream.input = piece;
    stream.next_in = 0;
    stream.avail_in = piece.length;
    while (stream.avail_in > 0) {
      if (stream.avail_out === 0 && stream.output.length < size) grow(stream, size);
      const status = zlibInflate(stream, Z_NO_FLUSH);
      if (status === Z_STREAM_END) return { bytes: filled(stream), checked: true };
      // no room is left for what comes next, which nobody asked for
      if (status === Z_BUF_ERROR && stream.avail_out === 0) return { bytes: filled(stream), checked: false };
      if (status !== Z_OK) return { bytes: filled(stream), checked: false, fault: stream.msg || 'a dictionary is needed' };
    }
  }
  return { bytes: filled(stream), checked: false };
}

interface Output {
  output: Uint8Array<ArrayBuffer>;
  next_out: number;
  avail_out: number;
}

const filled = ({ output, next_out }: Output): Uint8Array => output.subarray(0, next_out);

function grow(stream: Output, size: number): void {
  const output = new Uint8Array(Math.min(size, 2 * stream.output.length));
  output.set(stream.output);
  stream.output = output;
  stream.avail_out = output.length - stream.next_out;
}
