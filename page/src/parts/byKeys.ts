import { movedTo } from '../detector/seen.js';

/** Moves the focus among the buttons of a list, or of a picture's boxes, with the arrow keys, Home and End. */
export const byKeys =
  (at: number, count: number) =>
  (event: KeyboardEvent): void => {
    const to = movedTo(event.key, at, count);
    if (to === undefined) return;
    event.preventDefault();
    (event.currentTarget as HTMLElement).closest('ol, .boxes')?.querySelectorAll<HTMLElement>('button')[to]?.focus();
  };
