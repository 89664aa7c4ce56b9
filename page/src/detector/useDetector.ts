import { useEffect, useState } from 'preact/hooks';
import type { Shown } from '../useAnswers.js';
import { type DetectorLink, openLink } from './link.js';
import type { DetectorFacts, Side, Sight } from './messages.js';

/** What is known of a visitor's file. */
export type Detecting =
  /** There is no file, or it is no detector's. */
  | { readonly phase: 'none' }
  | { readonly phase: 'loading'; readonly what: string }
  | { readonly phase: 'detector'; readonly facts: DetectorFacts; readonly link: DetectorLink }
  | { readonly phase: 'failed'; readonly error: Error };

interface Known {
  readonly file: File;
  readonly link: DetectorLink;
  /** What the file is; undefined until that is known. */
  readonly told: DetectorFacts | 'other' | Error | undefined;
}

/** The detector of a visitor's file, if it is one's, in a worker. For another size there is another worker, so that nothing need be waited for. */
export function useDetector(file: File | undefined, side: Side): Detecting {
  const [known, setKnown] = useState<Known | undefined>(undefined);
  useEffect(() => {
    if (file === undefined) return;
    const link = openLink(file, side, (told) => setKnown((now) => (now?.link === link ? { ...now, told } : now)));
    setKnown((now) => ({ file, link, told: now?.file === file ? now.told : undefined }));
    return () => link.end();
  }, [file, side]);
  if (file === undefined) return { phase: 'none' };
  const told = known?.file === file ? known.told : undefined;
  if (known === undefined || told === undefined) return { phase: 'loading', what: file.name };
  if (told === 'other') return { phase: 'none' };
  return told instanceof Error ? { phase: 'failed', error: told } : { phase: 'detector', facts: told, link: known.link };
}

/** What is known of a picture. */
export type Seen =
  /** `share` of the weights that was read for it, from 0 to 1. */
  | { readonly phase: 'looking'; readonly share: number }
  | { readonly phase: 'seen'; readonly sight: Sight }
  | { readonly phase: 'failed'; readonly error: Error };

/** What a detector finds on a picture. */
export function useSeen(link: DetectorLink, shown: Shown): Seen {
  const [seen, setSeen] = useState<Seen>({ phase: 'looking', share: 0 });
  useEffect(() => {
    setSeen({ phase: 'looking', share: 0 });
    return link.detect(shown, {
      read: (share) => setSeen({ phase: 'looking', share }),
      found: (sight) => setSeen({ phase: 'seen', sight }),
      failed: (error) => setSeen({ phase: 'failed', error }),
    });
  }, [link, shown]);
  return seen;
}
