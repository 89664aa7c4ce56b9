import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeNow } from '../src/node/writeNow.js';
import type { Fault, FaultKind } from './protocol.js';

/** What has been done of a reader's cases. */
export interface Row {
  readonly cases: number;
  readonly read: number;
  readonly refused: number;
  readonly crashes: number;
  readonly hangs: number;
  readonly overAllocations: number;
}

/** Faults that look alike, by the first of them. */
export interface FaultGroup extends Fault {
  readonly times: number;
}

export interface State {
  /** The same for the same work of the same program. */
  readonly key: string;
  readonly seconds: number;
  readonly rows: Readonly<Record<string, Row>>;
  readonly faults: readonly FaultGroup[];
}

export const noCases: Row = { cases: 0, read: 0, refused: 0, crashes: 0, hangs: 0, overAllocations: 0 };

export const columnOf = { crash: 'crashes', hang: 'hangs', overAllocation: 'overAllocations' } as const satisfies Record<
  FaultKind,
  keyof Row
>;

/** The state that was left of the same work; undefined if there is none. */
export function readState(file: string, key: string): State | undefined {
  if (!existsSync(file)) return undefined;
  const state = JSON.parse(readFileSync(file, 'utf8')) as State;
  return state.key === key ? state : undefined;
}

export function writeState(file: string, state: State): void {
  mkdirSync(dirname(file), { recursive: true });
  writeNow(file, JSON.stringify(state));
}

export const dropState = (file: string): void => rmSync(file, { force: true });

/** Messages and numbers differ from case to case; where an error was thrown tells its kind. */
function signatureOf({ reader, kind, what }: Fault): string {
  const [line = '', ...frames] = what.split('\n').filter((text, i) => i === 0 || /^\s+at .*\/dist\/src\//.test(text));
  const thrown = frames[0] === undefined ? line.replaceAll(/\d+/g, '#') : line.split(':')[0] + frames[0];
  return `${reader} ${kind} ${thrown}`;
}

export function withFaults(groups: readonly FaultGroup[], faults: readonly Fault[]): readonly FaultGroup[] {
  const bySignature = new Map(groups.map((group) => [signatureOf(group), group]));
  for (const fault of faults) {
    const group = bySignature.get(signatureOf(fault));
    bySignature.set(signatureOf(fault), group ? { ...group, times: group.times + 1 } : { ...fault, times: 1 });
  }
  return [...bySignature.values()];
}
