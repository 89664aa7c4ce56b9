/**
 * One turn of the event loop. A message is not delayed as a timer is (4 ms in browsers); the channel is a new one each time, since Node
 * takes messages of one port in batches, and timers would wait.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** @returns what gives the event loop a turn if it has not had one for `ms` milliseconds; else there is nothing to wait for */
export function turnEvery(ms: number): () => Promise<void> | undefined {
  let resumed = performance.now();
  const turned = (): void => {
    resumed = performance.now();
  };
  return () => (performance.now() - resumed < ms ? undefined : turn().then(turned));
}
