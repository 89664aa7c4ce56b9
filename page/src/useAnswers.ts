import { useEffect, useRef, useState } from 'preact/hooks';
import type { Classification, Picture, Tensor, WorkerClassifier } from 'senet';
import { type Change, changed } from './gates.js';

/** A picture that the network is to look at. */
export interface Shown {
  /** What it is called in messages and above its answer. */
  readonly title: string;
  /** For an <img>. */
  readonly url: string;
  readonly picture: Picture;
}

export interface Answer {
  readonly image: Tensor;
  readonly trained: Classification;
  /** With the gates as they were changed; as trained where nothing was. */
  readonly changed: Classification;
  /** Of one run of the network, picture and all. */
  readonly milliseconds: number;
}

export type Answered = Answer | { readonly error: Error } | undefined;

/** What the network says of a picture: as trained when either is new, and with other gates whenever the change is. */
export function useAnswer(classifier: WorkerClassifier | undefined, shown: Shown | undefined, change: Change): Answered {
  const [answer, setAnswer] = useState<Answered>(undefined);
  useEffect(() => {
    setAnswer(undefined);
    if (classifier === undefined || shown === undefined) return;
    const gone = new AbortController();
    const look = async (): Promise<Answer> => {
      const start = performance.now();
      const image = await classifier.prepare(shown.picture, { file: shown.title, signal: gone.signal });
      const trained = await classifier.run(image);
      return { image, trained, changed: trained, milliseconds: performance.now() - start };
    };
    look().then(
      (found) => void (gone.signal.aborted || setAnswer(found)),
      (error: Error) => void (gone.signal.aborted || setAnswer({ error })),
    );
    return () => gone.abort();
  }, [classifier, shown]);

  const image = answer !== undefined && 'image' in answer ? answer.image : undefined;
  const busy = useRef(false);
  const wanted = useRef(change);
  wanted.current = change;
  useEffect(() => {
    if (classifier === undefined || image === undefined || busy.current) return;
    busy.current = true;
    /** While a slider moves only its newest place is run, not all that it passed. */
    const follow = async (): Promise<void> => {
      for (let done: Change | undefined; done !== wanted.current; ) {
        done = wanted.current;
        const result = await withGates(classifier, image, done);
        setAnswer((now) => (now !== undefined && 'image' in now && now.image === image ? { ...now, changed: result(now.trained) } : now));
      }
    };
    follow()
      .catch((error: Error) => setAnswer({ error }))
      .finally(() => {
        busy.current = false;
      });
  }, [classifier, image, change]);
  return answer;

  async function withGates(network: WorkerClassifier, x: Tensor, now: Change): Promise<(trained: Classification) => Classification> {
    const trained = answer !== undefined && 'trained' in answer ? answer.trained : undefined;
    if (now.amount === 0 || trained === undefined || trained.gates.size === 0) return (as) => as;
    const result = await network.run(x, { gates: changed(trained.gates, now) });
    return () => result;
  }
}
