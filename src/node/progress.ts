import { visible } from '../report/visible.js';
import { masked } from './masked.js';

/** What a long command says about itself, on stderr: one line, rewritten in place on a terminal, and repeated every ten seconds elsewhere. */
export interface Progress {
  show(text: string): void;
  /** Removes the line from a terminal, for something else to be written, or for good. */
  clear(): void;
}

const intervalMs = { terminal: 100, elsewhere: 10_000 } as const;

export function progress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let last = stream.isTTY ? 0 : performance.now();
  let width = 0;
  return {
    show(text) {
      const now = performance.now();
      if (now - last < (stream.isTTY ? intervalMs.terminal : intervalMs.elsewhere)) return;
      last = now;
      const safe = visible(masked(text));
      if (!stream.isTTY) return void stream.write(`${safe}\n`);
      const line = safe.slice(0, (stream.columns ?? 80) - 1); // a wrapped line cannot be rewritten
      stream.write(`\r${line.padEnd(width)}`);
      width = line.length;
    },
    clear() {
      if (width > 0) stream.write(`\r${' '.repeat(width)}\r`);
      width = 0;
    },
  };
}
