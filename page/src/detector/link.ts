import type { Shown } from '../useAnswers.js';
import type { Asked, DetectorFacts, Side, Sight, Told } from './messages.js';

/** What is heard of a picture. */
export interface Heard {
  read(share: number): void;
  found(sight: Sight): void;
  failed(error: Error): void;
}

/** The page's end of a detector's worker. */
export interface DetectorLink {
  /** @returns what says that nobody waits for the answer any more */
  detect(shown: Shown, heard: Heard): () => void;
  /** Ends the worker at once, whatever it does. */
  end(): void;
}

/** As many as help on most devices; browsers that do not share memory run one, whatever is asked for. */
const threads = Math.min(navigator.hardwareConcurrency || 1, 4);

/** Opens a file in a worker of its own. Pictures may be sent at once. @param hear told what the file is, and why it cannot be used */
export function openLink(file: File, side: Side, hear: (told: DetectorFacts | 'other' | Error) => void): DetectorLink {
  const worker = new Worker(new URL('./detectorWorker.ts', import.meta.url), { type: 'module', name: 'detector' });
  const ask = (asked: Asked): void => worker.postMessage(asked);
  const waiting = new Map<number, Heard>();
  let ids = 0;
  worker.onmessage = ({ data }: MessageEvent<Told>) => {
    if (data.kind === 'opened') hear(data.facts);
    else if (data.kind === 'other') hear('other');
    else if (data.kind === 'read') waiting.get(data.id)?.read(data.share);
    else if (data.kind === 'found') settle(data.id)?.found(data.sight);
    else if (data.id === undefined) hear(new Error(data.message));
    else settle(data.id)?.failed(new Error(data.message));
  };
  worker.onerror = ({ message }) => hear(new Error(message || 'the worker of this detector could not be loaded'));

  function settle(id: number): Heard | undefined {
    const heard = waiting.get(id);
    waiting.delete(id);
    return heard;
  }
  ask({ kind: 'open', file, side, threads });
  return {
    detect({ picture, title }, heard) {
      const id = ids++;
      waiting.set(id, heard);
      ask({ kind: 'detect', id, picture, title });
      return () => {
        if (settle(id) !== undefined) ask({ kind: 'forget', id });
      };
    },
    end: () => worker.terminate(),
  };
}
