import { useEffect, useRef } from 'preact/hooks';
import type { Detection } from 'senet';
import { boxText, nameOf, scoreText } from '../detector/seen.js';
import { byKeys } from './byKeys.js';

interface Props {
  readonly things: readonly Detection[];
  /** The thing that is pointed at. */
  readonly pointed: number | undefined;
  onPoint(thing: number | undefined): void;
}

/** What was found, the surest first: what it is, its score, and the corners of its box. */
export function Things({ things, pointed, onPoint }: Props) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    // scrolls the list alone: the page stays where it is
    const line = pointed === undefined ? undefined : list.current?.querySelectorAll('button')[pointed];
    if (!list.current || !line) return;
    const { scrollTop, clientHeight } = list.current;
    const [top, bottom] = [line.offsetTop, line.offsetTop + line.offsetHeight];
    if (top < scrollTop) list.current.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) list.current.scrollTop = bottom - clientHeight;
  }, [pointed]);
  return (
    <ol class="things" ref={list} aria-label="Things found">
      {things.map((thing, i) => (
        <li key={i}>
          <button
            type="button"
            class={`thing${i === pointed ? ' pointed' : ''}`}
            tabIndex={i === (pointed ?? 0) ? 0 : -1}
            onMouseEnter={() => onPoint(i)}
            onMouseLeave={() => onPoint(undefined)}
            onFocus={() => onPoint(i)}
            onBlur={() => onPoint(undefined)}
            onKeyDown={byKeys(i, things.length)}
          >
            <b>{nameOf(thing)}</b> <span class="score">{scoreText(thing.score)}</span> <span class="size">{boxText(thing)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
