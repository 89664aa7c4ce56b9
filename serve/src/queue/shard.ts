import { InputError } from 'senet';
import type { QueuedEvaluation, QueuedImage, QueuedNetwork } from 'senet/node';

/** What a worker takes at a time: some images of an evaluation, and all that it takes to answer as one process would. */
export interface Shard extends QueuedEvaluation {
  /** Of the evaluation: the same for the same inputs only. */
  readonly key: string;
}

/** The queue that every worker takes from. */
export const queueName = 'senet-evaluate';

/** Where the answers of an evaluation are kept: a stream, an entry for each shard that was done. */
export const answersOf = (key: string): string => `senet:answers:${key}`;

/** What an evaluation that nobody goes on with takes in Redis is given back after so long. */
export const keptSeconds = 7 * 24 * 3600;

/** A shard that is larger was not made by `shardsOf`. */
const mostImages = 4096;

/** What Redis holds, checked, as far as `createClassifier` does not. @throws InputError naming the field */
export function readShard(data: unknown): Shard {
  const { key, version, members, run, images } = object(data, 'shard');
  if (!Array.isArray(images) || images.length > mostImages) throw wrong('images', `a list of ${mostImages} at most`, images);
  if (!Array.isArray(members) || members.length === 0) throw wrong('members', 'a list of networks', members);
  return {
    key: text(key, 'key'),
    version: text(version, 'version'),
    members: members.map((member, i) => readNetwork(member, `members[${i}]`)),
    run: object(run, 'run') as unknown as Shard['run'],
    images: images.map((image, i) => readImage(image, `images[${i}]`)),
  };
}

function readNetwork(value: unknown, path: string): QueuedNetwork {
  const network = object(value, path);
  text(network.file, `${path}.file`);
  whole(network.bytes, `${path}.bytes`);
  hash(network.sha256, `${path}.sha256`);
  object(network.found, `${path}.found`);
  whole(network.classes, `${path}.classes`);
  return network as unknown as QueuedNetwork;
}

function readImage(value: unknown, path: string): QueuedImage {
  const { index, name, file, bytes, sha256 } = object(value, path);
  return {
    index: whole(index, `${path}.index`),
    name: text(name, `${path}.name`),
    file: text(file, `${path}.file`),
    bytes: whole(bytes, `${path}.bytes`),
    sha256: hash(sha256, `${path}.sha256`),
  };
}

function object(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'an object', value);
  return value as Readonly<Record<string, unknown>>;
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw wrong(path, 'text', value);
  return value;
}

function hash(value: unknown, path: string): string {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) throw wrong(path, 'a SHA-256 as 64 hexadecimal digits', value);
  return value;
}

function whole(value: unknown, path: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong(path, 'a whole number from 0', value);
  return value as number;
}

const wrong = (path: string, expected: string, found: unknown): InputError =>
  new InputError(`a shard's ${path}: expected ${expected}, found ${(JSON.stringify(found) ?? 'nothing').slice(0, 100)}`);
