import { useEffect, useRef, useState } from 'preact/hooks';
import type { Classification, Picture, Tensor, WorkerClassifier } from 'senet';
import { type Change, changed } from './gates.js';

/** A picture that the network is to look at. */
export interface Shown {
  /** Its name in messages and above its answer. */
  readonly title: string;
  /** For an <img>. */
  readonly url: string;
  readonly picture: Picture;
}

export interface Answer {
  readonly trained: Classification;
  /** With the gates as they were changed; `trained` where nothing was changed, or until the first run with other gates ends. */
  readonly changed: Classification;
  /** From the file to `trained`. */
  readonly milliseconds: number;
}

export type Answered = Answer | { readonly error: Error } | undefined;

/** A picture as the network saw it with its gates as trained. */
interface Look {
  readonly classifier: WorkerClassifier;
  readonly image: Tensor;
  readonly trained: Classification;
  readonly milliseconds: number;
}

/** What the network says of a picture: as trained when either is new, and with other gates whenever the change is. */
export function useAnswer(classifier: WorkerClassifier | undefined, shown: Shown | undefined, change: Change): Answered {
  const [look, setLook] = useState<Look | undefined>(undefined);
  const [error, setError] = useState<Error | undefined>(undefined);
  useEffect(() => {
    setLook(undefined);
    setError(undefined);
    if (classifier === undefined || shown === undefined) return;
    const gone = new AbortController();
    lookAt(classifier, shown, gone.signal).then(
      (found) => void (gone.signal.aborted || setLook(found)),
      (thrown: Error) => void (gone.signal.aborted || setError(thrown)),
    );
    return () => gone.abort();
  }, [classifier, shown]);
  const other = useChanged(look, change, setError);
  if (error !== undefined) return { error };
  return look && { trained: look.trained, changed: other ?? look.trained, milliseconds: look.milliseconds };
}

async function lookAt(classifier: WorkerClassifier, { picture, title }: Shown, signal: AbortSignal): Promise<Look> {
  const start = performance.now();
  const image = await classifier.prepare(picture, { file: title, signal });
  const trained = await classifier.run(image);
  return { classifier, image, trained, milliseconds: performance.now() - start };
}

/** What the network says with other gates. While a slider moves, its newest position is run, not every one that it passed. */
function useChanged(look: Look | undefined, change: Change, onError: (error: Error) => void): Classification | undefined {
  const [result, setResult] = useState<{ readonly look: Look; readonly classification: Classification } | undefined>(undefined);
  const wanted = { look, change };
  const newest = useRef(wanted);
  newest.current = wanted;
  const busy = useRef(false);
  useEffect(() => {
    if (busy.current) return;
    busy.current = true;
    void follow().finally(() => {
      busy.current = false;
    });
  }, [look, change]);
  const isChanged = change.amount > 0 && look !== undefined && look.trained.gates.size > 0;
  return isChanged && result?.look === look ? result.classification : undefined;

  async function follow(): Promise<void> {
    for (let done: typeof wanted | undefined; done?.look !== newest.current.look || done?.change !== newest.current.change; ) {
      done = newest.current;
      const { look: now, change: to } = done;
      if (now === undefined || to.amount === 0 || now.trained.gates.size === 0) continue;
      try {
        setResult({ look: now, classification: await now.classifier.run(now.image, { gates: changed(now.trained.gates, to) }) });
      } catch (error) {
        if (newest.current.look === now) onError(error as Error); // else its network was replaced meanwhile
      }
    }
  }
}
