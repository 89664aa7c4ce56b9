import type { PngChunk } from './png.js';
import { inflateZlib } from './zlib.js';

/** A text longer than PIL takes is passed over, and one that is far longer than the file would let it be, were it no bomb: padding is, by 128 KiB. */
const longest = 2 ** 20;
const longestOf = (deflated: Uint8Array): number => Math.min(longest, 2 ** 17 + 32 * deflated.length);

/** A text that is still as the file has it. */
export interface StoredText {
  readonly keyword: string;
  readonly bytes: Uint8Array;
  readonly deflated: boolean;
}

/** What a tEXt, zTXt or iTXt chunk holds; undefined for any other, or a broken one (ISO 15948, §11.3.4). */
export function storedText({ name, contents }: PngChunk): StoredText | undefined {
  if (name !== 'tEXt' && name !== 'zTXt' && name !== 'iTXt') return undefined;
  const end = contents.indexOf(0);
  if (end < 0) return undefined;
  const keyword = String.fromCharCode(...contents.subarray(0, Math.min(end, 80)));
  if (name === 'tEXt') return { keyword, bytes: contents.subarray(end + 1), deflated: false };
  if (name === 'zTXt') return contents[end + 1] === 0 ? { keyword, bytes: contents.subarray(end + 2), deflated: true } : undefined;
  // whether deflated 1, how 1, language, 0, keyword in that language, 0
  const deflated = contents[end + 1] !== 0;
  const language = contents.indexOf(0, end + 3);
  const translated = language < 0 ? -1 : contents.indexOf(0, language + 1);
  if (translated < 0 || (deflated && contents[end + 2] !== 0)) return undefined;
  return { keyword, bytes: contents.subarray(translated + 1), deflated };
}

/** The text's bytes; none if they are damaged or too many. */
export async function textBytes({ bytes, deflated }: StoredText): Promise<Uint8Array> {
  if (!deflated) return bytes;
  const most = longestOf(bytes);
  const inflated = await inflateZlib([bytes], most + 1);
  return inflated.fault !== undefined || inflated.bytes.length > most ? new Uint8Array() : inflated.bytes;
}
