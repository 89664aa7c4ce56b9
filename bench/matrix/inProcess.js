import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { runtimeName } from '../../dist/src/node/machine.js';
import { answer } from './program.js';

/** In Node, Deno and Bun: reads the task from a file and prints the answer. */
const task = JSON.parse(await readFile(process.argv[2], 'utf8'));
console.log(JSON.stringify({ version: runtimeName(), answer: await answer(task) }));
