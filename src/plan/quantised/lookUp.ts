import { type Layout, layoutBytes } from '../layout.js';
import { at, type Placed, type PlanWriter } from '../writer.js';

/** Vectors of a buffer of bytes. */
export const vectorsOf = ({ layout }: Placed): number => layoutBytes(layout) / 16;

/** @param values by the byte; those behind the last are never asked for but by pads */
export function lookUp(plan: PlanWriter, id: number | undefined, x: Placed, to: Placed, values: readonly number[]): void {
  const entries = Math.ceil(values.length / 16) * 16;
  const bytes = new Uint8Array(entries);
  bytes.set(values.slice(0, 256));
  const words = [...new Int32Array(bytes.buffer)];
  const table = plan.pack(`table ${words.join(' ')}`, { kind: 'int32', values: words });
  plan.step('table8', id === undefined ? [] : [id], vectorsOf(x), { x: at(x), y: at(to), table, entries });
}

/** The same integers, as bytes above another one. */
export function withBase(plan: PlanWriter, x: Placed, base: number): Placed {
  const from = x.layout.base ?? 0;
  if (from === base) return x;
  const layout: Layout = { ...x.layout, base };
  const to = { buffer: plan.buffer(layoutBytes(layout)), layout };
  lookUp(
    plan,
    undefined,
    x,
    to,
    Array.from({ length: 256 }, (_, byte) => Math.min(Math.max(byte + from - base, 0), 255)),
  );
  return to;
}
