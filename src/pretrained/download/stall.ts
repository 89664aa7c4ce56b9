import { DownloadError } from './error.js';

export interface StallLimits {
  /** The longest wait for an answer, and for `minBytesPerSecond` of its body, in milliseconds. */
  readonly stallMs: number;
  /** The least that is a connection: a body that comes more slowly over `stallMs` has stalled. */
  readonly minBytesPerSecond: number;
}

/** Aborts a request over which too little has come for a while, and words what became of it. Only time spent waiting counts. */
export function stallWatch(url: string, { stallMs, minBytesPerSecond }: StallLimits) {
  const controller = new AbortController();
  const least = Math.max(1, (stallMs / 1000) * minBytesPerSecond);

  const stalled = (what: string, cause?: unknown): DownloadError =>
    new DownloadError('stalled', url, `${what} ${stallMs / 1000} s: try again, what has come is kept`, { cause });

  async function guard<T>(waiting: Promise<T>): Promise<T> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      controller.abort();
    }, stallMs);
    try {
      return await waiting;
    } catch (cause) {
      throw late
        ? stalled('nothing came for', cause)
        : new DownloadError('network', url, `the connection failed (${reason(cause)}): try again, what has come is kept`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  async function* read(response: Response): AsyncGenerator<Uint8Array> {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let [waited, have] = [0, 0];
    for (;;) {
      const began = performance.now();
      const { done, value } = await guard(reader.read());
      if (done) return;
      waited += performance.now() - began;
      have += value.length;
      if (have >= least) [waited, have] = [0, 0];
      yield value;
      if (waited >= stallMs) throw stalled(`no more than ${have} bytes came in`);
    }
  }

  return { signal: controller.signal, guard, read, abort: (): void => controller.abort() };
}

/** fetch says `fetch failed`, and why only in the error's cause. */
function reason(error: unknown): string {
  const { cause, message } = error as Error;
  const { code, message: inner } = (cause ?? {}) as Partial<Error> & { readonly code?: string };
  return code ?? inner ?? message;
}
