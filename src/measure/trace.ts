import type { Measured } from './measure.js';

/** An event of the Chrome trace format: `X` is a complete one; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: 'X';
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, string | number>>;
}

/** One run as chrome://tracing and ui.perfetto.dev read it: steps follow one another, as they are called. */
export function traceOf({ steps, runMs }: Measured): { readonly traceEvents: readonly TraceEvent[] } {
  let ts = 0;
  return {
    traceEvents: steps.map(({ kernel, layer, ops, from, to, macs, bytes, gate }, i) => {
      const dur = (runMs[i] as number) * 1000;
      const start = ts;
      ts += dur;
      const name = layer === '' ? kernel : `${kernel} ${layer}`;
      return { name, cat: gate ? 'gate' : 'host', ph: 'X', ts: start, dur, pid: 1, tid: 1, args: { step: i, ops, from, to, macs, bytes } };
    }),
  };
}
