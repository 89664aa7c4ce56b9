import { constants } from 'node:os';

/** Whether somebody asked the process to stop, so that it may do so in good order. */
export interface Interrupt extends Disposable {
  /** The signal; undefined until there is one. */
  caught(): NodeJS.Signals | undefined;
}

/** The first Ctrl-C, or another of the signals, is only noted; the second ends the process. */
export function catchInterrupt(...signals: readonly NodeJS.Signals[]): Interrupt {
  let caught: NodeJS.Signals | undefined;
  const release = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    caught = signal;
    release();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return { caught: () => caught, [Symbol.dispose]: release };
}

/** The exit code after a signal, as shells have it. */
export const exitCodeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];
