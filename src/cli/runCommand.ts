import { type Command, CommanderError } from 'commander';
import { SenetError } from '../errors.js';
import { DisagreementError } from '../measure/bench.js';
import { complain, OutputError } from '../node/output.js';
import { DivergenceError } from '../node/runs/run.js';
import { visibleLines } from '../report/visible.js';

/** Runs what the arguments ask for. What a user can put right is a line and an exit code: 1 a check failed, 2 wrong use or bad input. */
export async function runCommand(command: Command): Promise<void> {
  watchOutput();
  const output = {
    writeOut: (text: string) => void process.stdout.write(visibleLines(text)),
    writeErr: (text: string) => void process.stderr.write(visibleLines(text)),
  };
  for (const one of withSubcommands(command)) one.exitOverride().configureOutput(output);
  try {
    await command.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else if (error instanceof SenetError || isSystemError(error)) {
      complain(error.message);
      process.exitCode = error instanceof DisagreementError || error instanceof DivergenceError ? 1 : 2;
    } else if (!(error instanceof OutputError)) throw error; // which is said where it happens
  }
}

const withSubcommands = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(withSubcommands)];

/** What the operating system refuses: a disk is full, a file is not to be written. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'syscall' in error && 'code' in error;

/** A reader that has seen enough (`senet models | head`) is no failure; a file that cannot be written is. Of stderr nobody could be told. */
function watchOutput(): void {
  let said = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || said) return;
    said = true;
    complain(`standard output cannot be written (${error.code})`);
    process.exitCode = 2;
  });
  process.stderr.on('error', () => undefined);
}
