import { blobSource, type Source, sourceOf } from '../../io/source.js';
import { kindOf } from '../../tensor.js';
import { hasNodeThreads } from '../../wasm/workers.js';
import type { Picture } from '../picture.js';
import type { Sent } from './messages.js';

/** What goes to the worker, with the memory that is handed over: only ever a copy of the caller's. */
export interface Parcel {
  readonly sent: Sent;
  readonly transfer: Transferable[];
}

/** Keeps a source for the worker to read. @returns its number */
export type Serve = (source: Source) => number;

const asItIs = (value: unknown): Parcel => ({ sent: { value }, transfer: [] });

/** A file of weights: bytes are copied; Blobs go by reference where workers are the web's, and like every other source are read by the caller elsewhere. */
export function sendFile(file: unknown, serve: Serve): Parcel {
  if (isWebBlob(file)) return asItIs(file);
  const copied = copyOf(file);
  if (copied) return copied;
  return isSource(file) ? served(sourceOf(file), file, serve) : asItIs(file);
}

/**
 * A file's bytes or pixels: copied, so that the caller's stay usable. undefined for all else, of which the caller makes pixels.
 *
 * @throws DataCloneError for pixels whose data cannot be cloned
 */
export function sendPicture(picture: Picture, serve: Serve): Parcel | undefined {
  if (isWebBlob(picture)) return asItIs(picture);
  if (typeof Blob !== 'undefined' && picture instanceof Blob) return served(blobSource(picture), picture, serve);
  const copied = copyOf(picture);
  if (copied) return copied;
  if (typeof picture !== 'object' || picture === null || !('data' in picture)) return undefined;
  const { width, height, data } = picture;
  const { sent, transfer } = copyOf(data) ?? asItIs(structuredClone(data));
  return { sent: { width, height, data: sent }, transfer };
}

/** What was sent, again; what was served, by `served`. */
export function received(sent: Sent, served: (of: Extract<Sent, { readonly served: number }>) => unknown): unknown {
  if ('value' in sent) return sent.value;
  if ('served' in sent) return served(sent);
  if ('data' in sent) return { width: sent.width, height: sent.height, data: received(sent.data, served) };
  const { buffer, kind } = sent;
  return kind === 'ArrayBuffer' ? buffer : kind === 'Uint8Array' ? new Uint8Array(buffer) : new Uint8ClampedArray(buffer);
}

function served(source: Source, of: object, serve: Serve): Parcel {
  const { name } = of as { readonly name?: unknown }; // a File has one
  return { sent: { served: serve(source), size: source.size, name: typeof name === 'string' ? name : undefined }, transfer: [] };
}

/** Of bytes. A view alone is copied, never all of the memory that it looks at. */
function copyOf(bytes: unknown): Parcel | undefined {
  const kind = kindOf(bytes);
  if (kind !== 'ArrayBuffer' && kind !== 'Uint8Array' && kind !== 'Uint8ClampedArray') return undefined;
  const buffer = bufferOf(bytes as ArrayBuffer | Uint8Array);
  return { sent: { buffer, kind }, transfer: [buffer] };
}

/** A copy: of another realm's too. What is empty may be detached, and cannot be looked at. */
export function bufferOf(bytes: ArrayBuffer | Uint8Array): ArrayBuffer {
  if (bytes.byteLength === 0) return new ArrayBuffer(0);
  return kindOf(bytes) === 'ArrayBuffer' ? (bytes as ArrayBuffer).slice(0) : new Uint8Array(bytes as Uint8Array).buffer;
}

/** What a page shows that can be cloned; the clone is handed over. */
const cloneable: readonly string[] = ['ImageBitmap', 'VideoFrame'];

/** A parcel of what a page shows, as it is now; undefined for elements and canvases, which cannot be cloned, and for what is closed. */
export function cloneOf(picture: unknown): Parcel | undefined {
  if (!cloneable.includes(kindOf(picture))) return undefined;
  try {
    const clone: unknown = structuredClone(picture);
    return { sent: { value: clone }, transfer: [clone as Transferable] };
  } catch {
    return undefined;
  }
}

/** Deno's workers take no Blob. */
const isWebBlob = (value: unknown): boolean => typeof Blob !== 'undefined' && value instanceof Blob && !hasNodeThreads();

const isSource = (value: unknown): value is Source =>
  typeof value === 'object' &&
  value !== null &&
  'size' in value &&
  Number.isSafeInteger(value.size) &&
  ('read' in value || 'slice' in value);
