import { useState } from 'preact/hooks';
import type { DetectorLink } from '../detector/link.js';
import type { Sight } from '../detector/messages.js';
import { above } from '../detector/seen.js';
import { useSeen } from '../detector/useDetector.js';
import type { Shown } from '../useAnswers.js';
import { Boxes } from './Boxes.js';
import { Things } from './Things.js';

interface Props {
  readonly link: DetectorLink;
  readonly shown: Shown;
  readonly score: number;
}

/** A picture with boxes around what was found, a list of it, and how long it took. */
export function Sighting({ link, shown, score }: Props) {
  const seen = useSeen(link, shown);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  if (seen.phase === 'failed')
    return (
      <div class="answer">
        <p class="problem" role="alert">
          {seen.error.message}
        </p>
      </div>
    );
  const sight = seen.phase === 'seen' ? seen.sight : undefined;
  const things = sight ? above(sight.found, score) : [];
  const at = pointed !== undefined && pointed < things.length ? pointed : undefined;
  return (
    <div class="answer">
      <div class="sighting">
        <Boxes shown={shown} size={sight?.found} things={things} pointed={at} onPoint={setPointed} />
        <div>
          <h3>{shown.title}</h3>
          <p role="status">{seen.phase === 'looking' ? looking(seen.share) : summary(things.length, seen.sight)}</p>
          {things.length > 0 && <Things things={things} pointed={at} onPoint={setPointed} />}
          {sight && <How {...sight} />}
        </div>
      </div>
    </div>
  );
}

const looking = (share: number): string => (share > 0 && share < 1 ? `Reading the weights: ${Math.floor(100 * share)} % …` : 'Looking …');

function summary(shown: number, { found: { detections } }: Sight): string {
  const fewer = detections.length - shown;
  return `${shown === 0 ? 'Nothing' : shown === 1 ? 'One thing' : `${shown} things`} found${fewer === 0 ? '' : `; ${fewer} more with lower scores`}.`;
}

function How({ found: { width, height, dropped }, milliseconds, compiled, kernels, threads, threadsNote }: Sight) {
  return (
    <p class="how">
      {(milliseconds / 1000).toFixed(milliseconds < 9950 ? 2 : 1)} s from file to boxes
      {compiled ? ', with reading and packing the weights' : ''}; {kernels} SIMD, {threads === 1 ? 'one thread' : `${threads} threads`}.
      Boxes are in pixels of the picture, {width} by {height}.
      {dropped > 0 && ` ${dropped} boxes or scores are not finite and were left out: these weights may be damaged.`}
      {threadsNote !== undefined && ` ${threadsNote.charAt(0).toUpperCase()}${threadsNote.slice(1)}.`}
    </p>
  );
}
