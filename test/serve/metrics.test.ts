import { expect, test } from 'vitest';
import { createMetrics } from '../../serve/src/metrics.js';

test('every count is in the text that Prometheus reads, by model', async () => {
  const metrics = createMetrics();
  metrics.responded({ method: 'POST', route: '/v1/classify', status: 200, model: 'a' }, 0.0015);
  metrics.responded({ method: 'GET', route: '/v2', status: 200, model: '' }, 0.0005);
  metrics.queued('a', 3);
  metrics.waited('a', 0.25);
  metrics.ran('a', 4, 0.5);
  metrics.shed('b', 'full');
  metrics.shed('b', 'full');
  metrics.restarted('a');
  metrics.loaded('a');
  metrics.loaded('a');
  metrics.ready('a', 2);
  const text = await metrics.text();
  expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = [
    'senet_http_request_seconds_bucket{le="0.002",method="POST",route="/v1/classify",status="200",model="a"} 1',
    'senet_http_request_seconds_count{method="GET",route="/v2",status="200",model=""} 1',
    'senet_queue_depth{model="a"} 3',
    'senet_queue_wait_seconds_sum{model="a"} 0.25',
    'senet_batch_size_bucket{le="2",model="a"} 0',
    'senet_batch_size_bucket{le="4",model="a"} 1',
    'senet_run_seconds_sum{model="a"} 0.5',
    'senet_shed_total{model="b",reason="full"} 2',
    'senet_worker_restarts_total{model="a"} 1',
    'senet_model_loads_total{model="a"} 2',
    'senet_workers_ready{model="a"} 2',
    'senet_shed_total{model="a",reason="deadline"} 0', // nothing yet is a number too
  ];
  expect(text.split('\n')).toEqual(expect.arrayContaining(lines));
});

test('two servers in a process count apart', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.restarted('a');
  expect(await one.text()).toContain('senet_worker_restarts_total{model="a"} 1');
  expect(await other.text()).not.toContain('model="a"');
});
