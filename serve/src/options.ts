import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, extname } from 'node:path';
import { parseArgs } from 'node:util';
import { InputError } from 'senet';
import type { ModelSpec } from './models/host.js';

/** The settings of `senet-serve`; times are in milliseconds. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly models: readonly ModelSpec[];
  readonly workers: number;
  readonly maxBatch: number;
  readonly batchDelayMs: number;
  readonly maxQueue: number;
  readonly maxPixels: number;
  readonly bodyLimit: number;
  readonly maxImages: number;
  readonly timeout: number;
  readonly drain: number;
  readonly token: string | undefined;
  readonly logLevel: string;
}

const flags = {
  port: { type: 'string', default: '8080' },
  host: { type: 'string', default: '127.0.0.1' },
  model: { type: 'string', multiple: true },
  weights: { type: 'string', multiple: true },
  labels: { type: 'string', multiple: true },
  workers: { type: 'string' },
  'max-batch': { type: 'string', default: '8' },
  'batch-delay': { type: 'string', default: '2' },
  'max-queue': { type: 'string', default: '256' },
  'max-pixels': { type: 'string', default: '50000000' },
  'max-body': { type: 'string', default: String(32 * 2 ** 20) },
  'max-images': { type: 'string', default: '32' },
  timeout: { type: 'string', default: '30000' },
  drain: { type: 'string', default: '30000' },
  'token-file': { type: 'string' },
  'log-level': { type: 'string', default: 'info' },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

export const usage = `Usage: senet-serve [options]

Serves networks over HTTP: the Open Inference Protocol v2, and POST /v1/classify.

  --port NUMBER         where to listen; 0 takes a free port (default ${flags.port.default})
  --host ADDRESS        the interface (default ${flags.host.default}: this machine only)
  --model NAME          a network, as senet classify takes it; repeat it for several
  --weights FILE        its weights; of several networks in the order of --model
                        (without both: the network that ships with senet)
  --labels FILE         names of its classes, as senet classify takes them; of several
                        networks in their order, one for each (default: the weights' own)
  --workers NUMBER      processes that compute, of each network (default: the number of cores)
  --max-batch NUMBER    the most images of one run (default ${flags['max-batch'].default})
  --batch-delay MS      the longest that an image waits for others (default ${flags['batch-delay'].default})
  --max-queue NUMBER    the most images that wait; beyond it 429 (default ${flags['max-queue'].default})
  --max-pixels NUMBER   the most pixels of a picture (default ${flags['max-pixels'].default})
  --max-body BYTES      the longest body (default ${flags['max-body'].default})
  --max-images NUMBER   the most images of a request (default ${flags['max-images'].default})
  --timeout MS          the longest wait for an answer (default ${flags.timeout.default})
  --drain MS            how long accepted requests may take at the end (default ${flags.drain.default})
  --token-file FILE     asks for the bearer token in it; or set SENET_SERVE_TOKEN
  --log-level LEVEL     fatal, error, warn, info, debug, trace or silent (default ${flags['log-level'].default})
  -h, --help            prints this
  --version             prints the version
`;

const levels: readonly string[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** The settings that the arguments name, or what they ask to print. @throws InputError naming the flag */
export function parseOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ServeOptions | { readonly print: 'usage' | 'version' } {
  const values = parsed(args);
  if (values.help) return { print: 'usage' };
  if (values.version) return { print: 'version' };
  const whole = (name: keyof typeof values, least: number, most: number): number => wholeNumber(name, String(values[name]), least, most);
  if (!levels.includes(values['log-level'])) throw new InputError(`--log-level is one of ${levels.join(', ')}, not ${values['log-level']}`);
  return {
    host: values.host,
    port: whole('port', 0, 65535),
    models: modelsOf(values.model ?? [], values.weights ?? [], values.labels ?? []),
    workers: values.workers === undefined ? availableParallelism() : whole('workers', 1, 256),
    maxBatch: whole('max-batch', 1, 256),
    batchDelayMs: whole('batch-delay', 0, 10_000),
    maxQueue: whole('max-queue', 1, 1_000_000),
    maxPixels: whole('max-pixels', 1, 2 ** 28),
    bodyLimit: whole('max-body', 1024, 2 ** 30),
    maxImages: whole('max-images', 1, 4096),
    timeout: whole('timeout', 1, 3_600_000),
    drain: whole('drain', 0, 3_600_000),
    token: tokenOf(values['token-file'], env.SENET_SERVE_TOKEN),
    logLevel: values['log-level'],
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [first] = (error as Error).message.split('. ');
    throw new InputError(`${first}: senet-serve --help lists the flags`, { cause: error });
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new InputError(`--${name} is a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  return value;
}

/** The names are those of the networks without their publishers, or of files of weights without their endings. */
function modelsOf(models: readonly string[], weights: readonly string[], labels: readonly string[]): readonly ModelSpec[] {
  const count = Math.max(models.length, weights.length, 1);
  if (count > 1 && models.length > 0 && weights.length > 0 && models.length !== weights.length)
    throw new InputError(
      `${models.length} --model and ${weights.length} --weights: of several networks each has both, or all have one of them`,
    );
  if (labels.length > 0 && labels.length !== count)
    throw new InputError(
      `${labels.length} --labels and ${count === 1 ? 'one network' : `${count} networks`}: each has its own, or none has`,
    );
  const choices = Array.from({ length: count }, (_, at) => {
    const [model, file, names] = [models[at], weights[at], labels[at]];
    const name = model === undefined ? (file === undefined ? 'default' : basename(file, extname(file))) : basename(model);
    return {
      name,
      ...(model !== undefined && { model }),
      ...(file !== undefined && { weights: file }),
      ...(names !== undefined && { labels: names }),
    };
  });
  const twice = choices.find(({ name }, at) => choices.findIndex((other) => other.name === name) !== at);
  if (twice !== undefined) throw new InputError(`two networks are called ${twice.name}`);
  return choices;
}

/** RFC 6750, 2.1 says what a token is made of. */
function tokenOf(file: string | undefined, variable: string | undefined): string | undefined {
  if (file === undefined && variable === undefined) return undefined;
  const where = file === undefined ? 'SENET_SERVE_TOKEN' : `--token-file ${file}`;
  const token = (file === undefined ? (variable as string) : readText(file)).trim();
  if (!/^[\w.~+/-]+=*$/.test(token)) throw new InputError(`${where}: a token is letters, digits, and - . _ ~ + /, with = at its end`);
  return token;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`--token-file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
}
