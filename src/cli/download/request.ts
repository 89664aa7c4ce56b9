import { version } from '../package.js';
import { DownloadError } from './error.js';

export interface RequestOptions {
  /** Sent to `url`'s own origin only, never to where that redirects. */
  readonly token?: string | undefined;
  /** `url` is a hub's, which names the SHA-256 of a large file as its validator. @defaultValue false */
  readonly hub?: boolean | undefined;
  /** The bytes from which on the file is wanted, and the validator that those before have. @defaultValue the whole file */
  readonly resume?: { readonly from: number; readonly etag: string } | undefined;
  /** The longest silence, in milliseconds. */
  readonly stallMs: number;
}

/** What a hub says of a file where it redirects to its storage. */
export interface Linked {
  readonly sha256?: string;
  readonly size?: number;
}

export interface Answer {
  /** Status 200; to a request to resume also 206, or 416 where there is nothing from that byte on. */
  readonly response: Response;
  readonly linked: Linked;
  /** The body, piece by piece. @throws DownloadError if it breaks off or stalls */
  body(): AsyncGenerator<Uint8Array>;
}

const mostRedirects = 10;

/**
 * Asks for a file, over redirects.
 *
 * @throws DownloadError for a redirect in a circle, to an insecure or foreign scheme, or one too many; for another status than Answer has;
 *   where there is no connection, or nothing comes over it.
 */
export async function request(url: string, { token, hub = false, resume, stallMs }: RequestOptions): Promise<Answer> {
  const watch = stallWatch(url, stallMs);
  const { origin } = new URL(url);
  const seen = new Set<string>();
  let linked: Linked = {};
  for (let at = url; ; ) {
    seen.add(at);
    const headers = {
      'user-agent': `senet/${version}`,
      'accept-encoding': 'identity', // lengths and ranges are of the file itself
      ...(token !== undefined && new URL(at).origin === origin && { authorization: `Bearer ${token}` }),
      ...(resume && { range: `bytes=${resume.from}-`, ...(!resume.etag.startsWith('W/') && { 'if-range': resume.etag }) }),
    };
    const response = await watch.guard(fetch(at, { headers, redirect: 'manual', signal: watch.signal }));
    linked = { ...linked, ...linkedFile(response.headers, hub && new URL(at).origin === origin) };
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      const wanted = resume ? [200, 206, 416] : [200];
      if (!wanted.includes(response.status)) throw statusError(url, response, token !== undefined);
      return { response, linked, body: () => watch.read(response) };
    }
    await response.body?.cancel();
    at = redirected(url, at, location, seen);
  }
}

function redirected(url: string, from: string, location: string, seen: ReadonlySet<string>): string {
  if (!URL.canParse(location, from)) throw new DownloadError('redirect', url, `redirects to ${location}, which is no address`);
  const to = new URL(location, from);
  if (seen.has(to.href))
    throw new DownloadError(
      'redirect',
      url,
      `redirects in a circle, by way of ${to.href}; try again later, or fetch the file by hand and name it with --weights`,
    );
  if (seen.size > mostRedirects)
    throw new DownloadError('redirect', url, `redirects more than ${mostRedirects} times, at last to ${to.href}`);
  if (to.protocol !== 'https:' && to.protocol !== new URL(from).protocol)
    throw new DownloadError('redirect', url, `redirects to ${to.href}, which is not secure`);
  return to.href;
}

function linkedFile(headers: Headers, validated: boolean): Linked {
  const etag = headers.get('x-linked-etag') ?? (validated ? headers.get('etag') : null);
  const [, sha256] = /^"?([0-9a-f]{64})"?$/.exec(etag ?? '') ?? [];
  const size = Number(headers.get('x-linked-size') ?? Number.NaN);
  return { ...(sha256 !== undefined && { sha256 }), ...(Number.isSafeInteger(size) && { size }) };
}

function statusError(url: string, { status, headers }: Response, withToken: boolean): DownloadError {
  const byHand = 'fetch the file by hand and name it with --weights';
  const said = headers.get('x-error-message'); // the hub's; it also answers 401 where there is no such repository
  const answer = `answered ${status}${said === null ? '' : `, ${said.slice(0, 200)}`}`;
  const advice =
    status === 401 || status === 403
      ? `it needs permission: ${withToken ? 'the token in HF_TOKEN does not give it' : 'set HF_TOKEN to a token that gives it'}`
      : status === 404 || status === 410
        ? `there is no such file: if it has moved, ${byHand}`
        : status === 429 || status >= 500
          ? 'try again later'
          : byHand;
  return new DownloadError('status', url, `${answer}: ${advice}`);
}

/** Aborts a request over which nothing has come for a while, and words what became of it. */
function stallWatch(url: string, stallMs: number) {
  const controller = new AbortController();
  const start = (): NodeJS.Timeout => setTimeout(() => controller.abort(), stallMs);

  async function guard<T>(waiting: Promise<T>): Promise<T> {
    const timer = start();
    try {
      return await waiting;
    } catch (cause) {
      throw controller.signal.aborted
        ? new DownloadError('stalled', url, `nothing came for ${stallMs / 1000} s: try again, what has come is kept`, { cause })
        : new DownloadError('network', url, `the connection failed (${reason(cause)}): try again, what has come is kept`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  async function* read(response: Response): AsyncGenerator<Uint8Array> {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    try {
      for (;;) {
        const { done, value } = await guard(reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      controller.abort(); // whoever stops early leaves no connection behind
    }
  }

  return { signal: controller.signal, guard, read };
}

/** fetch says `fetch failed`, and why only in the error's cause. */
function reason(error: unknown): string {
  const { cause, message } = error as Error;
  const { code, message: inner } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? inner ?? message;
}
