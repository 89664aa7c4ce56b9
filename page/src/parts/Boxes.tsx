import type { Detection, DetectionResult } from 'senet';
import { nameOf, placed, scoreText, tagSide } from '../detector/seen.js';
import type { Shown } from '../useAnswers.js';
import { byKeys } from './byKeys.js';

interface Props {
  readonly shown: Shown;
  /** The picture's, in the pixels that boxes are in; undefined before anything was found. */
  readonly size: Pick<DetectionResult, 'width' | 'height'> | undefined;
  readonly things: readonly Detection[];
  /** The thing that is pointed at. */
  readonly pointed: number | undefined;
  onPoint(thing: number | undefined): void;
}

/** More tags hide the picture: those of the surest things are shown, others when they are pointed at. */
const mostTags = 20;

/** A picture, with a box around each thing. One of them is in the order of the tabulator; the arrow keys move to the others. */
export function Boxes({ shown, size, things, pointed, onPoint }: Props) {
  const places = size ? placed(things, size) : [];
  return (
    <div class="boxes" style={size && { '--ratio': size.width / size.height }}>
      <img src={shown.url} alt={shown.title} />
      {size &&
        things.map((thing, i) => (
          <button
            key={i}
            type="button"
            class={`box${i === pointed ? ' pointed' : pointed === undefined ? '' : ' other'}`}
            style={places[i]}
            aria-label={tagOf(thing)}
            tabIndex={i === (pointed ?? 0) ? 0 : -1}
            onMouseEnter={() => onPoint(i)}
            onMouseLeave={() => onPoint(undefined)}
            onFocus={() => onPoint(i)}
            onBlur={() => onPoint(undefined)}
            onKeyDown={byKeys(i, things.length)}
          >
            <span class={`tag ${tagSide(thing, size)}${i < mostTags || i === pointed ? '' : ' hidden'}`}>{tagOf(thing)}</span>
          </button>
        ))}
    </div>
  );
}

const tagOf = (thing: Detection): string => `${nameOf(thing)} ${scoreText(thing.score)}`;
