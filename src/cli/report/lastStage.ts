import { percent, thousands } from '../output.js';
import { htmlTable, page } from '../page.js';
import { factsOf, type Rendered, type Result } from './result.js';

interface LastStage extends Result {
  readonly rows: readonly { readonly what: string; readonly parameters: number; readonly accuracy: number }[];
}

/** Parameters saved against accuracy lost. */
export function lastStageReport(result: Result): Rendered {
  const { rows } = result as LastStage;
  const [whole] = rows;
  const lines = rows.map(({ what, parameters, accuracy }) => [
    what,
    thousands(parameters),
    percent(1 - parameters / (whole?.parameters ?? 1)),
    percent(accuracy),
    ((accuracy - (whole?.accuracy ?? 0)) * 100).toFixed(2),
  ]);
  const head = ['network', 'parameters', 'saved', 'test images right', 'points lost or won'];
  return {
    html: page({
      title: "The last stage's gates",
      heading: "Without the last stage's gates",
      facts: factsOf(result),
      sections: [htmlTable(head, lines)],
    }),
  };
}
