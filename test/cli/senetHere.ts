import { program } from '../../src/cli/program.js';
import { runCommand } from '../../src/cli/runCommand.js';
import { long } from '../support/length.js';
import { type Outcome, senet } from './senet.js';

/**
 * Runs the command as `senet` does, but in the test's own process, which has long loaded what a new one loads for half a second. In the long form it is a
 * process of its own as well. What only a process shows is asked of `senet`: a signal, a flag of the engine, what is left when it ends; and one of each
 * exit code.
 */
export const senetHere = (...args: readonly string[]): Promise<Outcome> => (long ? senet(...args) : alone(() => inThisProcess(args)));

let last: Promise<unknown> = Promise.resolve();

/** One after the other: there is one stdout. */
function alone(run: () => Promise<Outcome>): Promise<Outcome> {
  const next = last.then(run, run);
  last = next;
  return next;
}

async function inThisProcess(args: readonly string[]): Promise<Outcome> {
  const { argv, exitCode } = process;
  const [stdout, stderr] = [heard(process.stdout), heard(process.stderr)];
  process.argv = [...argv.slice(0, 2), ...args];
  process.exitCode = undefined;
  try {
    await runCommand(program());
    return { code: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.argv = argv;
    process.exitCode = exitCode;
    for (const stream of [stdout, stderr]) stream.end();
  }
}

/** What is written to a stream from now on, instead of where it goes; and who listens to it from now on no longer does in the end. */
function heard(stream: NodeJS.WriteStream): { text(): string; end(): void } {
  const { write } = stream;
  const before = new Set(stream.listeners('error'));
  let text = '';
  stream.write = (chunk: string | Uint8Array): boolean => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  return {
    text: () => text,
    end: () => {
      stream.write = write;
      for (const listener of stream.listeners('error')) if (!before.has(listener)) stream.off('error', listener as () => void);
    },
  };
}
