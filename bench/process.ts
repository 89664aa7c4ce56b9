import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Runtime } from './runtimes.js';

export interface Finished {
  /** What the process printed on stdout. */
  readonly text: string;
  /** Milliseconds from its start to the first of that. */
  readonly firstMs: number;
}

/** Runs dist/bench/`script` with one argument, JSON. @throws Error with the last line of stderr that says something, if it fails. */
export function runScript({ command: [program, ...flags] }: Runtime, script: string, task: object): Promise<Finished> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, [...flags, file, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let errors = '';
    let firstMs = 0;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (text === '') firstMs = performance.now() - start;
      text += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ text, firstMs });
      else reject(new Error(reason(errors) || `ended with ${signal ?? code}`));
    });
  });
}

/** The line that names the error, of a report with stack and source. */
function reason(errors: string): string {
  const lines = errors.split('\n').map((line) => line.trim());
  const named = lines.find((line) => /^(error: )?(Uncaught )?(\(in promise\) )?[A-Za-z]*Error\b|^error:/.test(line));
  return (named ?? lines.filter((line) => line !== '').at(-1) ?? '').slice(0, 200);
}
