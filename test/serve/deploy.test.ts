import { execFile } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseOptions } from '../../serve/src/options.js';

/** The deployment files name flags, paths and addresses that are there. What ran them is in docs/serving.md. */

const project = new URL('../../', import.meta.url);
const deployed = (name: string): Promise<string> => readFile(new URL(`serve/deploy/${name}`, project), 'utf8');
const isThere = (path: string): Promise<boolean> =>
  access(new URL(path, project)).then(
    () => true,
    () => false,
  );

/** `--name value` and so on, as the server takes them; files are those of this machine. */
const options = (args: readonly string[]) =>
  parseOptions(
    args.filter((arg, i) => arg !== '--token-file' && args[i - 1] !== '--token-file'),
    {},
  );

const worker = fileURLToPath(new URL('serve/dist/worker.js', project));
const workerUsage = promisify(execFile)(process.execPath, [worker, '--help']).then(({ stdout }) => stdout);
async function workerTakes(args: readonly string[]): Promise<void> {
  for (const flag of args.filter((arg) => arg.startsWith('--'))) expect(await workerUsage).toContain(`  ${flag} `);
}

describe('the Dockerfile', () => {
  type Instruction = readonly [name: string, rest: string];
  const instructions = deployed('Dockerfile').then((text) =>
    text
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line): Instruction => [line.split(' ', 1)[0] as string, line.slice(line.indexOf(' ') + 1)]),
  );
  const restOf = async (name: string) => (await instructions).filter(([of]) => of === name).map(([, rest]) => rest);

  test('copies what is there, or what the build makes', async () => {
    for (const copied of await restOf('COPY')) {
      const parts = copied.split(' ').filter((part) => !part.startsWith('--'));
      for (const from of parts.slice(0, -1)) expect([from, await isThere(from.replace(/^\/senet\//, './'))]).toEqual([from, true]);
    }
    expect(await restOf('FROM')).toEqual(['node:20-slim AS build', 'node:20-slim']);
  });

  test('starts the server, as nobody, with flags that it takes; its probe is served', async () => {
    const [program, script, ...args] = JSON.parse((await restOf('ENTRYPOINT'))[0] as string) as string[];
    expect([program, await isThere(script as string)]).toEqual(['node', true]);
    expect(options(args)).toMatchObject({ host: '0.0.0.0', port: Number((await restOf('EXPOSE'))[0]) });
    expect(await restOf('USER')).toEqual(['node']);
    const path = /127\.0\.0\.1:8080(\/[\w/]+)/.exec((await restOf('HEALTHCHECK'))[0] as string)?.[1];
    expect(path).toBe('/v2/health/live');
  });
});

describe('the units of systemd', () => {
  const commandOf = async (name: string): Promise<readonly string[]> =>
    /^ExecStart=(.*)$/m.exec(await deployed(name))?.[1]?.split(' ') ?? [];

  test('start programs that are there, with flags that they take', async () => {
    const [, server, ...args] = await commandOf('senet-serve.service');
    expect(await isThere((server as string).replace('/opt/senet/', './'))).toBe(true);
    expect(options(args)).toMatchObject({ host: '127.0.0.1', port: 8080 });
    const [, script, ...more] = await commandOf('senet-worker@.service');
    expect(await isThere((script as string).replace('/opt/senet/', './'))).toBe(true);
    await workerTakes(more);
  });

  test('give the server longer than its drain, and name documents that are there', async () => {
    const unit = await deployed('senet-serve.service');
    const [, , ...args] = await commandOf('senet-serve.service');
    const { drain } = options(args) as { readonly drain: number };
    expect(1000 * Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(drain);
    for (const text of [unit, await deployed('senet-worker@.service')])
      expect(await isThere(`./${/^Documentation=file:\/\/\/opt\/senet\/(.*)$/m.exec(text)?.[1]}`)).toBe(true);
  });
});

interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly containerPort: number }[];
  readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: number } };
  readonly livenessProbe: { readonly httpGet: { readonly path: string; readonly port: number } };
  readonly securityContext: object;
}

test('the InferenceService is one of KServe: its fields, flags, probes and times', async () => {
  const service = parse(await deployed('inferenceservice.yaml'));
  expect(service).toMatchObject({ apiVersion: 'serving.kserve.io/v1beta1', kind: 'InferenceService' });
  // of ComponentExtensionSpec and PodSpec (KServe's pkg/apis/serving/v1beta1/component.go and podspec.go, PodSpec of core/v1)
  const known = ['minReplicas', 'maxReplicas', 'terminationGracePeriodSeconds', 'securityContext', 'containers'];
  expect(Object.keys(service.spec)).toEqual(['predictor']);
  expect(Object.keys(service.spec.predictor)).toEqual(known);
  const { containers, terminationGracePeriodSeconds, securityContext } = service.spec.predictor;
  const [container, ...others] = containers as [Container];
  expect(others).toEqual([]);
  expect(container.name).toBe('kserve-container'); // KServe's InferenceServiceContainerName
  const { port, drain } = options(container.args) as { readonly port: number; readonly drain: number };
  expect(1000 * terminationGracePeriodSeconds).toBeGreaterThan(drain);
  expect(container.ports).toEqual([{ containerPort: port, protocol: 'TCP' }]);
  expect(container.readinessProbe.httpGet).toEqual({ path: '/v2/health/ready', port });
  expect(container.livenessProbe.httpGet).toEqual({ path: '/v2/health/live', port });
  expect(service.metadata.annotations).toMatchObject({ 'prometheus.io/port': String(port), 'prometheus.io/path': '/metrics' });
  expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
  expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
});

test('the compose file starts workers as they are started, and a Redis that loses nothing', async () => {
  const { services } = parse(await deployed('compose.yaml'));
  const { worker, redis } = services;
  expect(await isThere(worker.build.dockerfile)).toBe(true);
  expect([worker.entrypoint[0], await isThere(worker.entrypoint[1])]).toEqual(['node', true]);
  await workerTakes(worker.command);
  expect(worker.command).toEqual(expect.arrayContaining(['redis://redis:6379', '/images', '/weights']));
  const mounted = worker.volumes.map((volume: string) => volume.split(':').at(-2));
  expect(mounted).toEqual(['/images', '/weights']);
  expect(redis.command).toEqual(expect.arrayContaining(['--appendonly', 'yes']));
  expect(redis.ports).toEqual(['127.0.0.1:6379:6379']);
});

test('every deployment file is named in the documents', async () => {
  const documents =
    (await readFile(new URL('docs/serving.md', project), 'utf8')) + (await readFile(new URL('docs/scaling.md', project), 'utf8'));
  const names = await readdir(new URL('serve/deploy/', project));
  expect(names.filter((name) => !name.endsWith('.dockerignore') && !documents.includes(name))).toEqual([]);
});
