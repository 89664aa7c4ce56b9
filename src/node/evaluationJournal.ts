import { join } from 'node:path';
import type { Kind } from '../io/schema.js';
import { cacheFolder } from './download/cache.js';
import { type Journal, JournalPlaceError, openJournal } from './journal.js';
import { note } from './output.js';

/** The journal that is named, else one in the cache; none where the cache cannot have it, which is said. @throws as `openJournal` */
export function evaluationJournal<T>(named: string | undefined, key: string, kind: Kind<T>): Journal<T> | undefined {
  if (named !== undefined) return openJournal(named, key, kind);
  try {
    return openJournal(join(cacheFolder(), 'evaluations', `${key.slice(0, 16)}.jsonl`), key, kind);
  } catch (error) {
    if (!(error instanceof JournalPlaceError)) throw error;
    note(`${error.message}: going on without; interrupted, this evaluation would begin anew. --journal FILE names another place`);
    return undefined;
  }
}

/** What to say of an evaluation that was interrupted. */
export function stoppedText(done: number, images: number, journal: Journal<unknown> | undefined): string {
  const left = journal ? `the same command goes on from here (${journal.file})` : 'there was no journal, so the next begins anew';
  return `stopped after ${done} of ${images} images: ${left}`;
}
