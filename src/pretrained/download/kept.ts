/** What is known of a file in the cache, whole or in part. */
export interface KeptRecord {
  readonly etag: string | null;
  readonly size: number | null;
  /** Of all of it, once it is there. */
  readonly sha256?: string;
}

/** Of a file what has come. */
export interface KeptFile {
  readonly record: KeptRecord;
  readonly pieces: readonly Blob[];
}

/**
 * A file in the browser's Cache API, in pieces, so that what has come stays whatever happens, and nothing is ever copied. Where nothing can be kept it is
 * told once, and all goes on without.
 */
export interface Keeper {
  /** Undefined if there is nothing. */
  read(): Promise<KeptFile | undefined>;
  note(record: KeptRecord): Promise<void>;
  add(piece: Blob, index: number): Promise<void>;
  remove(): Promise<void>;
  /** Why nothing is kept, if so. */
  readonly failure: string | undefined;
}

const cacheName = 'senet-weights';

export function keeperOf(url: string): Keeper {
  let failure: string | undefined;
  const keyOf = (part: string): string => {
    const key = new URL(url);
    key.searchParams.set('senet', part);
    return key.href;
  };
  const [recordKey, pieceKey] = [keyOf('record'), (index: number): string => keyOf(`piece-${index}`)];

  /** The first failure is the last: what comes after it would be a file with holes. */
  async function attempt<T>(use: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    if (failure !== undefined) return undefined;
    try {
      if (typeof caches === 'undefined') throw new Error('there is no Cache API here: pages have it over https and on localhost');
      return await use(await caches.open(cacheName));
    } catch (error) {
      failure = (error as Error).message;
      return undefined;
    }
  }

  async function removeFrom(cache: Cache): Promise<void> {
    await cache.delete(recordKey);
    for (let index = 0; await cache.delete(pieceKey(index)); index++);
  }

  return {
    read: () =>
      attempt(async (cache) => {
        const found = await cache.match(recordKey);
        if (found === undefined) return undefined;
        const record = (await found.json()) as KeptRecord;
        const pieces: Blob[] = [];
        for (;;) {
          const piece = await cache.match(pieceKey(pieces.length));
          if (piece === undefined) return { record, pieces };
          pieces.push(await piece.blob());
        }
      }),
    note: (record) => attempt((cache) => cache.put(recordKey, new Response(JSON.stringify(record)))) as Promise<void>,
    async add(piece, index) {
      await attempt((cache) => cache.put(pieceKey(index), new Response(piece)));
      // what is kept no longer would stand in the way of what else the page keeps
      if (failure !== undefined && typeof caches !== 'undefined') await caches.open(cacheName).then(removeFrom, () => {});
    },
    remove: () => attempt(removeFrom) as Promise<void>,
    get failure() {
      return failure;
    },
  };
}
