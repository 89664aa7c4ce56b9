import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8's heap become five times what was alive after the last collection, before all of it is collected again. Pictures pass through a heap of some 15 MB, and
 * so small a heap is collected whole every 60 pictures by default (`node --trace-gc`): each time the requests of that moment wait.
 */
export function letHeapGrow(): void {
  setFlagsFromString('--heap-growing-percent=400');
}
