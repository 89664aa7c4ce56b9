import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** Requests that autocannon makes: the same picture, posted again and again, each connection's next when its last is answered. */
export interface ClientTask {
  readonly url: string;
  readonly picture: string;
  readonly connections: number;
  readonly seconds: number;
}

/** What is read of autocannon's report; latencies are in milliseconds. */
export interface LoadReport {
  readonly requests: { readonly average: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
}

/** The client: a child of the bench, through autocannon's own interface, since its command reads a body as text. It has no types. */
const { url, picture, connections, seconds } = JSON.parse(process.argv[2] as string) as ClientTask;
const autocannon = createRequire(import.meta.url)('autocannon') as (options: object) => Promise<LoadReport>;
const report = await autocannon({
  url,
  method: 'POST',
  headers: { 'content-type': 'application/octet-stream' },
  body: await readFile(picture),
  connections,
  duration: seconds,
});
process.stdout.write(JSON.stringify(report));
