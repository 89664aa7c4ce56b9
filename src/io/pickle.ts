import { WeightsError } from '../errors.js';
import type { Budget } from './budget.js';
import { PickleMachine } from './pickleMachine.js';
import { opcodeNames, opcodes, stop } from './pickleOpcodes.js';
import type { PickleNames, PickleValue } from './pickleValue.js';

/**
 * Python's pickle, protocols 0 to 5: a stack machine whose programs build lists, tuples, dictionaries, numbers and text. A pickle may also
 * name Python functions and have them called: here a name is handed to the caller, who knows a handful of them. What any other would make is
 * an inert object that only remembers the name. Nothing from the file is ever executed.
 *
 * `begin` is where the pickle begins; `budget` is of the file that it lies in.
 *
 * @throws TruncatedPickle if `bytes` end before it; WeightsError for what is no opcode, and for objects beyond the budget.
 */
export function unpickle(
  bytes: Uint8Array,
  begin: number,
  names: PickleNames,
  budget: Budget,
): { readonly value: PickleValue; readonly end: number } {
  const machine = new PickleMachine(bytes, begin, names, budget);
  for (;;) {
    const code = machine.uint8();
    if (code === stop) return { value: machine.pop(), end: machine.at };
    const run = opcodes[code];
    if (run === undefined)
      throw new WeightsError(
        `pickle: expected an opcode of protocols 0 to 5, found ${opcodeNames[code] ?? 'none'} (0x${code.toString(16)}) at byte ${machine.at - 1}`,
      );
    run(machine);
  }
}
