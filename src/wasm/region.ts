import { allocate, grow, type Sharing } from './kernels.js';

/** Bytes of a memory that belong to one session. */
export interface Region {
  readonly memory: WebAssembly.Memory;
  /** Its first byte, a multiple of 64. */
  readonly begin: number;
  /** Makes it at least so large, if it may grow: what it holds stays. @returns whether it is */
  grow(bytes: number): boolean;
  /** Gives the bytes back; who held them does not use them any more. */
  release(): void;
}

/** Page 0 has the kernels' own constants and no operand, so that none has the address 0, which means "none" to the kernels. */
export const firstPage = 65536;

/**
 * Room for one session. Each has a memory of its own, of the pages that it needs, but in Bun: JavaScriptCore guards eight memories by address space, and checks each
 * access to any other, which makes a network 1.4 times as slow (findings/bun-the-ninth-live-webassembly-memory-is-slower.sh). There sessions share memories.
 *
 * @param bytes after page 0
 * @param mayGrow only a memory of its own does
 * @throws PlanError if the memory would exceed 4 GiB; UnsupportedError if the engine gives none
 */
export function regionOf(bytes: number, sharing: Sharing, shares = 'Bun' in globalThis, mayGrow = false): Region {
  if (!shares || sharing === 'shared' || firstPage + bytes > homeBytes) {
    const memory = allocate(firstPage + bytes, sharing, mayGrow);
    return { memory, begin: firstPage, grow: (wanted) => grow(memory, firstPage + wanted), release: () => undefined };
  }
  for (const home of homes) {
    const begin = gapIn(home, bytes);
    if (begin !== undefined) return take(home, begin, bytes);
  }
  const home = { memory: allocate(homeBytes, 'unshared'), taken: [] };
  homes.push(home);
  return take(home, firstPage, bytes);
}

/** Of a memory that is shared. Pages that nobody has written take no room in the machine. */
const homeBytes = 2 ** 30;

/** A memory that is shared, and what of it is taken, in order. */
interface Home {
  readonly memory: WebAssembly.Memory;
  taken: readonly Span[];
}

interface Span {
  readonly begin: number;
  readonly end: number;
}

const homes: Home[] = [];

/** Where so many bytes are free first. */
function gapIn({ taken }: Home, bytes: number): number | undefined {
  const begins = [firstPage, ...taken.map(({ end }) => Math.ceil(end / 64) * 64)];
  return begins.find((begin, i) => begin + bytes <= (taken[i]?.begin ?? homeBytes));
}

function take(home: Home, begin: number, bytes: number): Region {
  const span = { begin, end: begin + bytes };
  home.taken = [...home.taken, span].sort((a, b) => a.begin - b.begin);
  const release = (): void => {
    home.taken = home.taken.filter((other) => other !== span);
    if (home.taken.length === 0 && homes.includes(home)) homes.splice(homes.indexOf(home), 1); // so that its pages are given back
  };
  const region = { memory: home.memory, begin, grow: (wanted: number) => wanted <= bytes, release };
  forgotten.register(region, release);
  return region;
}

/** Of sessions that nobody disposed of. */
const forgotten = new FinalizationRegistry<() => void>((release) => release());
