import { type Dispatch, type StateUpdater, useEffect, useState } from 'preact/hooks';
import { samples } from './samples.js';
import type { Shown } from './useAnswers.js';
import type { View } from './view.js';

/** The pictures in the page's two places: the visitor's own, or those that ship, whose names are part of the view. */
export interface Pictures {
  readonly shown: readonly [Shown | undefined, Shown | undefined];
  /** Puts a picture of the visitor's in a place. */
  put(shown: Shown, place: number): void;
  /** Puts a picture that ships in a place, by its name, or clears it. */
  putSample(name: string | undefined, place: number): void;
  /** Where a picture goes that was dropped in no place: the second, if that alone is free. */
  readonly nextPlace: number;
}

export function usePictures(names: View['pictures'], setView: Dispatch<StateUpdater<View>>): Pictures {
  const [own, setOwn] = useState<readonly (Shown | undefined)[]>([undefined, undefined]);
  const shown = [useShown(names[0], own[0]), useShown(names[1], own[1])] as const;

  function change(place: number, picture: Shown | undefined, name: string | undefined): void {
    const { url } = own[place] ?? {};
    if (url !== undefined) URL.revokeObjectURL(url);
    setOwn((now) => now.with(place, picture));
    setView((now) => ({ ...now, pictures: now.pictures.with(place, name) }));
  }
  return {
    shown,
    put: (picture, place) => change(place, picture, undefined),
    putSample: (name, place) => change(place, undefined, name),
    nextPlace: shown[0] !== undefined && shown[1] === undefined ? 1 : 0,
  };
}

/** The picture in a place: the visitor's, or one that ships, by its name. */
function useShown(name: string | undefined, own: Shown | undefined): Shown | undefined {
  const [sample, setSample] = useState<Shown | undefined>(undefined);
  useEffect(() => {
    setSample(undefined);
    const found = samples.find((one) => one.name === name);
    if (found === undefined) return;
    const gone = new AbortController();
    fetch(found.url, { signal: gone.signal })
      .then((response) => response.blob())
      .then(
        (picture) => setSample({ title: found.title, url: found.url, picture }),
        () => {}, // it is wanted no more, or there is no network: the place stays empty
      );
    return () => gone.abort();
  }, [name]);
  return own ?? sample;
}
