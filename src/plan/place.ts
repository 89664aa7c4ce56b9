import type { Buffer, Plan } from './plan.js';
import type { Lowered, Unplaced } from './writer.js';

/** Addresses are multiples of 64; a vector load may overrun a buffer's end by 16 bytes. */
const alignment = 64;
const overrun = 16;

const slot = (bytes: number): number => Math.ceil((bytes + overrun) / alignment) * alignment;
const together = (a: Lifetime, b: Lifetime): boolean => a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;

interface Lifetime {
  readonly firstStep: number;
  readonly lastStep: number;
}

/** One piece of the arena: a buffer, and those that take its bytes over one after another. */
interface Room {
  readonly bytes: number;
  readonly firstStep: number;
  lastStep: number;
  offset: number;
}

/** Gives every buffer its offset in one arena: greedily, largest first, each into the smallest gap that fits for its whole life. */
export function place(lowered: Lowered): Plan {
  const { rooms, takes } = share(lowered.buffers);
  const placed: Room[] = [];
  for (const room of [...new Set(rooms)].sort((a, b) => b.bytes - a.bytes || a.firstStep - b.firstStep)) {
    room.offset = bestGap(
      room.bytes,
      placed.filter((other) => together(room, other)).sort((a, b) => a.offset - b.offset),
    );
    placed.push(room);
  }
  const buffers = lowered.buffers.map(({ bytes, firstStep, lastStep }, i): Buffer => {
    const taken = takes[i];
    return { bytes, firstStep, lastStep, ...(taken !== undefined && { takes: taken }), offset: (rooms[i] as Room).offset };
  });
  return { ...lowered, buffers, arenaBytes: Math.max(0, ...placed.map(({ offset, bytes }) => offset + bytes)) };
}

/** A buffer moves into the room of one operand that dies as it is born, if the kernel allows and the sizes agree. */
function share(buffers: readonly Unplaced[]): { readonly rooms: readonly Room[]; readonly takes: readonly (number | undefined)[] } {
  const rooms: Room[] = [];
  const takes: (number | undefined)[] = [];
  for (const { bytes, firstStep, lastStep, mayTake } of buffers) {
    const taken = mayTake.find((id) => {
      const operand = buffers[id] as Unplaced;
      return operand.firstStep < firstStep && operand.lastStep === firstStep && operand.bytes === bytes && !takes.includes(id);
    });
    const room = taken === undefined ? { bytes: slot(bytes), firstStep, lastStep, offset: 0 } : (rooms[taken] as Room);
    room.lastStep = Math.max(room.lastStep, lastStep);
    rooms.push(room);
    takes.push(taken);
  }
  return { rooms, takes };
}

/** The start of the smallest gap of at least `bytes` between `others` (by offset), or their end. */
function bestGap(bytes: number, others: readonly Room[]): number {
  let best: { readonly start: number; readonly size: number } | undefined;
  let end = 0;
  for (const { offset, bytes: taken } of others) {
    const size = offset - end;
    if (size >= bytes && (best === undefined || size < best.size)) best = { start: end, size };
    end = Math.max(end, offset + taken);
  }
  return best?.start ?? end;
}

/** The least arena possible: the most bytes alive in any one step, where a takeover counts once. */
export function liveBytes({ buffers, steps }: Plan): number {
  let most = 0;
  for (let step = 0; step < steps.length; step++) {
    const alive = buffers.filter(({ firstStep, lastStep }) => firstStep <= step && step <= lastStep);
    const takenNow = new Set(alive.filter(({ firstStep }) => firstStep === step).map(({ takes }) => takes));
    most = Math.max(
      most,
      buffers.reduce((sum, buffer, id) => sum + (alive.includes(buffer) && !takenNow.has(id) ? slot(buffer.bytes) : 0), 0),
    );
  }
  return most;
}
