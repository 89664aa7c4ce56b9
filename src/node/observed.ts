import type { Observed } from '../quant/calibrate.js';
import { note } from './output.js';

/** Says on stderr what is doubtful of what was seen on a calibration's pictures. */
export function noteObserved(images: string, { plain, zero }: Pick<Observed, 'plain' | 'zero'>): void {
  if (plain > 0) note(`${images}: ${plain === 1 ? 'one picture is' : `${plain} pictures are`} of one colour`);
  if (zero.length > 0)
    note(`${images}: on these pictures always 0: ${zero.slice(0, 4).join(', ')}${zero.length > 4 ? ` and ${zero.length - 4} more` : ''}`);
}
