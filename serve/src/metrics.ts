import { Counter, exponentialBuckets, Gauge, Histogram, Registry } from 'prom-client';
import type { HttpResponse } from './http/app.js';
import { type Refusal, refusals } from './models/model.js';

/** What is counted of a server, and its text for Prometheus. */
export interface Metrics {
  /** Of `text`. */
  readonly contentType: string;
  /** Every metric, in Prometheus's text format. */
  text(): Promise<string>;
  /** An HTTP request was answered. */
  responded(response: HttpResponse, seconds: number): void;
  /** How many requests wait. */
  queued(model: string, depth: number): void;
  /** A request went to a worker, so long after it was accepted. */
  waited(model: string, seconds: number): void;
  /** A worker decoded, prepared and ran some images together. */
  ran(model: string, images: number, seconds: number): void;
  /** A request was refused. */
  shed(model: string, reason: Refusal): void;
  /** A worker ended without being told to, and is replaced. */
  restarted(model: string): void;
  /** The weights of a model were loaded: at the start, or by a reload. */
  loaded(model: string): void;
  /** How many workers can answer. */
  ready(model: string, workers: number): void;
}

/** 1 ms, doubled up to 16 s. */
const seconds = exponentialBuckets(0.001, 2, 15);
/** 1, doubled up to 64 images. */
const images = exponentialBuckets(1, 2, 7);

/** Metrics in a registry of their own, so that several servers in a process count apart. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['model'] as const;
  const http = new Histogram({
    name: 'senet_http_request_seconds',
    help: 'From the first byte of a request to the last of its answer.',
    labelNames: ['method', 'route', 'status', 'model'] as const,
    buckets: seconds,
    registers,
  });
  const depth = new Gauge({ name: 'senet_queue_depth', help: 'Requests that wait for a worker.', labelNames, registers });
  const wait = new Histogram({
    name: 'senet_queue_wait_seconds',
    help: 'From acceptance of a request until it goes to a worker.',
    labelNames,
    buckets: seconds,
    registers,
  });
  const run = new Histogram({
    name: 'senet_run_seconds',
    help: 'Decoding, preparing and running the images of one batch.',
    labelNames,
    buckets: seconds,
    registers,
  });
  const batch = new Histogram({
    name: 'senet_batch_size',
    help: 'Images that were run together.',
    labelNames,
    buckets: images,
    registers,
  });
  const refused = new Counter({
    name: 'senet_shed_total',
    help: 'Requests that were refused, by reason.',
    labelNames: ['model', 'reason'] as const,
    registers,
  });
  const restarts = new Counter({
    name: 'senet_worker_restarts_total',
    help: 'Workers that crashed or hung, and were replaced.',
    labelNames,
    registers,
  });
  const loads = new Counter({
    name: 'senet_model_loads_total',
    help: 'Times that the weights of a model were loaded: at the start, and by each reload.',
    labelNames,
    registers,
  });
  const workers = new Gauge({ name: 'senet_workers_ready', help: 'Workers that can answer.', labelNames, registers });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    responded: (response, seconds) => http.observe(response, seconds),
    queued: (model, requests) => depth.set({ model }, requests),
    waited: (model, seconds) => wait.observe({ model }, seconds),
    ran: (model, images, seconds) => {
      batch.observe({ model }, images);
      run.observe({ model }, seconds);
    },
    shed: (model, reason) => refused.inc({ model, reason }),
    restarted: (model) => restarts.inc({ model }),
    loaded: (model) => loads.inc({ model }),
    ready: (model, count) => {
      workers.set({ model }, count);
      // what was not counted yet is 0, so that a rate of it is one
      for (const reason of refusals) refused.inc({ model, reason }, 0);
      restarts.inc({ model }, 0);
    },
  };
}
