import type { Graph } from '../graph/graph.js';
import type { Observed } from '../quant/calibrate.js';
import { note } from './output.js';

/** Says on stderr what is doubtful of what was seen on a calibration's pictures. */
export function noteObserved(images: string, graph: Graph, { plain, constant }: Observed): void {
  if (plain > 0) note(`${images}: ${plain === 1 ? 'one picture is' : `${plain} pictures are`} of one colour`);
  const dead = constant(graph);
  if (dead.length > 0)
    note(`${images}: on these pictures always 0: ${dead.slice(0, 4).join(', ')}${dead.length > 4 ? ` and ${dead.length - 4} more` : ''}`);
}
