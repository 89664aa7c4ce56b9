import { invalid } from '../errors.js';

/** `data` of images nests to [N, C, H, W], in a tensor in a list in the request. */
const maxDepth = 12;
/** Of all objects together: a request has about twenty. */
const maxKeys = 1000;
/** Rows of 32 images [3, 224, 224] are 21,600 lists; each costs more memory than its two brackets. */
const maxLists = 100_000;

/**
 * What the bytes are in JSON. Lists and keys are counted before any is made: of those a short text can make many.
 *
 * @throws RequestError for what is not JSON in UTF-8, nests too deeply, or has too many keys or lists
 */
export function parseJson(bytes: Uint8Array): unknown {
  checkExtent(bytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid('the JSON is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // the rest of the message quotes the text
    const at = /at position \d+/.exec((error as Error).message)?.[0] ?? `after ${text.length} characters`;
    throw invalid(`the body is not JSON ${at}`);
  }
}

function checkExtent(bytes: Uint8Array): void {
  let depth = 0;
  let keys = 0;
  let lists = 0;
  for (let at = 0; at < bytes.length; at++)
    switch (bytes[at]) {
      case quote:
        at = endOfString(bytes, at);
        break;
      case colon:
        if (++keys > maxKeys) throw invalid(`the JSON has more than ${maxKeys} keys`);
        break;
      case openList:
      case openObject:
        if (++lists > maxLists) throw invalid(`the JSON has more than ${maxLists} lists and objects: send flat data, or binary`);
        if (++depth > maxDepth) throw invalid(`the JSON nests more than ${maxDepth} deep`);
        break;
      case closeList:
      case closeObject:
        depth--;
        break;
    }
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Where the string that begins at `at` has its last quote, or the end of the bytes. */
function endOfString(bytes: Uint8Array, at: number): number {
  for (let end = at + 1; end < bytes.length; end++)
    if (bytes[end] === backslash) end++;
    else if (bytes[end] === quote) return end;
  return bytes.length;
}
