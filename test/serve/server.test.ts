import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encode } from 'fast-png';
import { createClassifier, type Pixels } from 'senet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** `senet-serve` as it is run. */
const project = fileURLToPath(new URL('../../', import.meta.url));
const bin = fileURLToPath(new URL('../../serve/dist/server.js', import.meta.url));

interface Started {
  readonly server: ChildProcess;
  readonly address: string;
}

async function start(...args: readonly string[]): Promise<Started> {
  const server = spawn(process.execPath, [bin, '--port', '0', '--workers', '1', '--log-level', 'warn', ...args], { cwd: project });
  let errors = '';
  server.stderr?.on('data', (data) => {
    errors += data;
  });
  const line = await Promise.race([once(server.stdout as NodeJS.ReadableStream, 'data'), once(server, 'exit').then(() => undefined)]);
  const address = /^senet-serve listens on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(String(line))?.[1];
  if (address === undefined) throw new Error(`${line}${errors}`);
  return { server, address };
}

async function end({ server }: Started, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(server, 'exit');
  server.kill(signal);
  return (await exited)[0] as number | null;
}

const picture = (name: string): Promise<Buffer> => readFile(`${project}assets/images/${name}`);

async function classify({ address }: Started, name: string): Promise<{ readonly status: number; readonly label: string | undefined }> {
  const headers = { 'content-type': 'application/octet-stream' };
  const response = await fetch(`${address}/v1/classify`, { method: 'POST', headers, body: new Uint8Array(await picture(name)) });
  const body = (await response.json()) as { readonly top?: readonly { readonly label: string }[] };
  return { status: response.status, label: body.top?.[0]?.label };
}

/** What the library says of pixels, and the image that it makes of them. */
async function libraryOf(kernels: 'strict' | 'relaxed', pixels: Pixels) {
  const classifier = await createClassifier({ kernels });
  const image = await classifier.prepare(pixels);
  const logits = Array.from((await classifier.session.runAsync(image)).get('logits')?.data ?? []);
  classifier.dispose();
  return { image: image.data, logits };
}

describe('a server', () => {
  let started: Started;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(() => {
    started.server.kill('SIGKILL');
  });

  test('says what is on a picture, in each format', async () => {
    expect(await classify(started, 'chelsea.png')).toEqual({ status: 200, label: 'cat' });
    for (const name of ['moose.webp', 'rocket.jpg']) expect((await classify(started, name)).status).toBe(200);
  });

  test('runs the examples of docs/serving.md', async () => {
    const page = await readFile(`${project}docs/serving.md`, 'utf8');
    const examples = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code]) =>
      (code as string).replaceAll('http://127.0.0.1:8080', started.address),
    );
    expect(examples).toHaveLength(4);
    const answers = await Promise.all(
      examples.map(async (code) => JSON.parse((await promisify(execFile)('bash', ['-ec', code], { cwd: project })).stdout)),
    );
    const [first, second, third, fourth] = answers;
    expect(first).toEqual({ model: 'default', top: [{ index: 3, label: 'cat', probability: expect.any(Number) }] });
    expect(second.top).toHaveLength(2);
    expect(third.outputs[0]).toMatchObject({ name: 'logits', datatype: 'BYTES', shape: [1, 3] });
    const logits = fourth.outputs[0].data as number[];
    expect(logits.indexOf(Math.max(...logits))).toBe(3);
  });

  test('pixels, prepared images and pictures of the same have the same logits, those of the library', async () => {
    const side = 32;
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => (at * 37) % 256);
    const png = encode({ width: side, height: side, data: pixels, channels: 3 });
    const alone = await Promise.all(
      (['strict', 'relaxed'] as const).map((kernels) => libraryOf(kernels, { width: side, height: side, data: pixels })),
    );
    const image = Array.from(alone[0]?.image ?? []);
    const logits = await infer({ datatype: 'FP32', shape: [1, 3, side, side], data: image });
    expect(alone.map((of) => of.logits)).toContainEqual(logits); // which kernels run is the engine's
    expect(await infer({ datatype: 'UINT8', shape: [1, side, side, 3], data: Array.from(pixels) })).toEqual(logits);
    const bytes = Buffer.concat([Buffer.from(Uint32Array.of(png.length).buffer), png]);
    expect(await infer({ datatype: 'BYTES', shape: [1], parameters: { binary_data_size: bytes.length } }, bytes)).toEqual(logits);
  });

  test('refuses a picture that cannot be read', async () => {
    const response = await fetch(`${started.address}/v1/classify`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: 'text',
    });
    expect([response.status, await response.json()]).toEqual([400, { error: expect.any(String), code: 'invalid' }]);
  });

  async function infer(tensor: object, bytes: Uint8Array = new Uint8Array()): Promise<readonly number[]> {
    const json = Buffer.from(JSON.stringify({ inputs: [{ name: 'image', ...tensor }] }));
    const response = await fetch(`${started.address}/v2/models/default/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(json.length) },
      body: new Uint8Array(Buffer.concat([json, bytes])),
    });
    const { outputs } = (await response.json()) as { readonly outputs: readonly { readonly data: readonly number[] }[] };
    return outputs[0]?.data ?? [];
  }
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with status 0, and what was accepted is answered', async (signal) => {
  const started = await start();
  const answers = Array.from({ length: 20 }, () => classify(started, 'chelsea.png'));
  await Promise.race(answers);
  expect(await end(started, signal)).toBe(0);
  // a connection that was not accepted yet is closed: then nothing was promised
  for (const answer of await Promise.allSettled(answers))
    if (answer.status === 'fulfilled') expect([200, 503]).toContain(answer.value.status);
});

test('SIGHUP loads the weights anew without a failed request', async () => {
  const started = await start();
  const loads = async (): Promise<number> => {
    const text = await (await fetch(`${started.address}/metrics`)).text();
    return Number(/^senet_model_loads_total\{model="default"\} (\d+)$/m.exec(text)?.[1]);
  };
  expect(await loads()).toBe(1);
  started.server.kill('SIGHUP');
  while ((await loads()) === 1) expect(await classify(started, 'chelsea.png')).toEqual({ status: 200, label: 'cat' });
  expect(await loads()).toBe(2);
  expect(await end(started, 'SIGTERM')).toBe(0);
});

test.each([
  [['--port', 'x'], /^senet-serve: --port is a whole number from 0 to 65535, not "x"\n$/],
  [['--weights', '/nowhere.pth'], /^senet-serve: .*nowhere\.pth.*\n$/],
  [['--weights', project], /^senet-serve: \/.* cannot be read: it is no file\n$/],
  [['--weights', `${project}README.md`], /^senet-serve: README\.md: expected .*\n$/],
  [['--labels', '/nowhere.txt'], /^senet-serve: \/nowhere\.txt cannot be read: ENOENT.*\n$/],
  [['--labels', `${project}.gitignore`], /^senet-serve: .*\.gitignore: expected 10 labels, one per class, found \d+\n$/],
  [['--model', 'nonet'], /^senet-serve: .*nonet.*\n$/],
])('%j ends with one line and status 2', async (args, message) => {
  const failed = await promisify(execFile)(process.execPath, [bin, '--log-level', 'silent', ...args]).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
});

test("the package's bins are there before it is built, for npm to link, and run", async () => {
  const { bin: bins } = JSON.parse(await readFile(`${project}serve/package.json`, 'utf8')) as {
    readonly bin: Readonly<Record<string, string>>;
  };
  expect(Object.keys(bins)).toEqual(['senet-serve', 'senet-worker']);
  for (const [name, path] of Object.entries(bins)) {
    expect(path).not.toMatch(/^dist/);
    const { stdout } = await promisify(execFile)(`${project}serve/${path}`, ['--help']); // by its first line, as npm's link runs it
    expect(stdout).toContain(`${name} `);
  }
});

test('a port that is taken is one line too', async () => {
  const started = await start();
  const args = [bin, '--log-level', 'silent', '--workers', '1', '--port', new URL(started.address).port];
  const failed = await promisify(execFile)(process.execPath, args).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 2, stderr: expect.stringMatching(/^senet-serve: .*EADDRINUSE.*\n$/) });
  await end(started, 'SIGTERM');
});
