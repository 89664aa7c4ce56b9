import { useEffect, useState } from 'preact/hooks';
import { createClassifier, type DownloadProgress, InputError, type WorkerClassifier } from 'senet';
import type { Choice } from './networks.js';

/** A network on its way to be ready. */
export type Loading =
  /** `share` of its file that was read, from 0 to 1, where that is known. */
  | { readonly phase: 'loading'; readonly what: string; readonly share?: number }
  | { readonly phase: 'ready'; readonly classifier: WorkerClassifier; readonly milliseconds: number }
  | { readonly phase: 'failed'; readonly error: Error };

/** What is to be run: a choice of the page's, or a file of the visitor's. */
export type Wanted = Choice | File;

/** The network that is wanted, compiled; the one before is let go. */
export function useClassifier(wanted: Wanted | undefined): Loading {
  const [loading, setLoading] = useState<Loading>({ phase: 'loading', what: '' });
  useEffect(() => {
    if (wanted === undefined) {
      setLoading({ phase: 'loading', what: '' });
      return;
    }
    const gone = new AbortController();
    const { signal } = gone;
    const what = wanted instanceof File ? wanted.name : wanted.title;
    setLoading({ phase: 'loading', what });
    const start = performance.now();
    const progress = (share: number): void => void (signal.aborted || setLoading({ phase: 'loading', what, share }));
    open(wanted, signal, progress).then(
      (classifier) => {
        if (signal.aborted) classifier.dispose();
        else {
          signal.addEventListener('abort', () => classifier.dispose());
          setLoading({ phase: 'ready', classifier, milliseconds: performance.now() - start });
        }
      },
      (error: Error) => void (signal.aborted || setLoading({ phase: 'failed', error })),
    );
    return () => gone.abort();
  }, [wanted]);
  return loading;
}

/** As many as help on most devices; browsers that do not share memory run one, whatever is asked for. */
const threads = Math.min(navigator.hardwareConcurrency || 1, 4);

async function open(wanted: Wanted, signal: AbortSignal, progress: (share: number) => void): Promise<WorkerClassifier> {
  const options = wanted instanceof File ? { weights: wanted } : { ...wanted.options, ...(await fetched(wanted, signal)) };
  const onProgress = ({ received, total }: DownloadProgress): void => progress(total === undefined ? 0 : received / total);
  const usual = { ...options, threads, top: 5, worker: true, signal, onProgress } as const;
  return await createClassifier({ ...usual, excitations: true }).catch((error: unknown) => {
    if (error instanceof InputError && error.message.endsWith('has no SE blocks')) return createClassifier(usual);
    throw error;
  });
}

async function fetched({ weights }: Choice, signal: AbortSignal): Promise<{ weights?: Blob }> {
  if (weights === undefined) return {};
  const response = await fetch(weights, { signal });
  if (!response.ok) throw new Error(`${weights} is not here (${response.status}): npm run page:model fetches it before the page is built.`);
  return { weights: await response.blob() };
}
