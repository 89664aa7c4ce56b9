import { type Command, CommanderError } from 'commander';
import { SenetError } from '../errors.js';
import { DisagreementError } from './bench.js';
import { note } from './output.js';
import { DivergenceError } from './train/run.js';

/** Runs what the arguments ask for. What a user can put right is a line and an exit code: 1 a check failed, 2 wrong use or bad input. */
export async function runCommand(command: Command): Promise<void> {
  try {
    await command.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else if (error instanceof SenetError) {
      note(`senet: ${error.message}`);
      process.exitCode = error instanceof DisagreementError || error instanceof DivergenceError ? 1 : 2;
    } else throw error;
  }
}
