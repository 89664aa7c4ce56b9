import { type Command, CommanderError } from 'commander';
import { InputError } from '../../src/errors.js';

/** Runs one of `senet`'s commands in this process. @throws what it throws; wrong use as an InputError */
export async function runIn(command: Command, ...args: readonly string[]): Promise<void> {
  try {
    await command.exitOverride().parseAsync(args, { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? new InputError(error.message) : error;
  } finally {
    process.exitCode = undefined;
  }
}
