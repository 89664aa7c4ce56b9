import { DownloadError } from '../../pretrained/download/error.js';
import { bytesIn } from '../../pretrained/download/limits.js';
import { type StallLimits, stallWatch } from '../../pretrained/download/stall.js';
import { version } from '../package.js';

export interface RequestOptions extends StallLimits {
  /** Sent to `url`'s own origin only, never to where that redirects. */
  readonly token?: string | undefined;
  /** `url` is a hub's, which names the SHA-256 of a large file as its validator. @defaultValue false */
  readonly hub?: boolean | undefined;
  /** The bytes from which on the file is wanted, and the validator that those before have. @defaultValue the whole file */
  readonly resume?: { readonly from: number; readonly etag: string } | undefined;
}

/** What a hub says of a file where it redirects to its storage. */
export interface Linked {
  readonly sha256?: string;
  readonly size?: number;
}

export interface DownloadAnswer {
  /** Status 200; to a request to resume also 206, or 416 where there is nothing from that byte on. */
  readonly response: Response;
  readonly linked: Linked;
  /** The body, piece by piece. @throws DownloadError if it breaks off or stalls */
  body(): AsyncGenerator<Uint8Array>;
  /** Hangs up. An answer must be closed by its reader: a body that never ends would keep the process alive. */
  close(): void;
}

const mostRedirects = 10;

/**
 * Asks for a file, over redirects.
 *
 * @throws DownloadError for a redirect in a circle, to an insecure or foreign scheme, or one too many; for another status than DownloadAnswer names;
 *   for an encoded body; where there is no connection, or nothing comes over it.
 */
export async function request(url: string, options: RequestOptions): Promise<DownloadAnswer> {
  const watch = stallWatch(url, options);
  try {
    const { response, linked } = await follow(url, options, watch);
    const encoding = response.headers.get('content-encoding') ?? 'identity';
    if (encoding.toLowerCase() !== 'identity')
      throw new DownloadError(
        'encoded',
        url,
        `answered with a body in ${encoding}, which was not asked for: fetch the file by hand and name it with --weights`,
      );
    return { response, linked, body: () => watch.read(response), close: watch.abort };
  } catch (error) {
    watch.abort();
    throw error;
  }
}

async function follow(url: string, { token, hub = false, resume }: RequestOptions, watch: ReturnType<typeof stallWatch>) {
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
    linked = { ...linkedFile(response.headers, hub && new URL(at).origin === origin), ...linked }; // the first to say so is the hub
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      const wanted = resume ? [200, 206, 416] : [200];
      if (!wanted.includes(response.status)) throw statusError(url, response, token !== undefined);
      return { response, linked };
    }
    await response.body?.cancel();
    at = redirected(url, at, location, seen);
  }
}

function redirected(url: string, from: string, location: string, seen: ReadonlySet<string>): string {
  if (!URL.canParse(location, from)) throw new DownloadError('redirect', url, `redirects to ${shown(location)}, which is no address`);
  const to = new URL(location, from);
  if (to.username !== '' || to.password !== '')
    throw new DownloadError('redirect', url, `redirects to ${shown(to.href)}, an address with a user or a password, which is not followed`);
  if (seen.has(to.href))
    throw new DownloadError(
      'redirect',
      url,
      `redirects in a circle, by way of ${shown(to.href)}; try again later, or fetch the file by hand and name it with --weights`,
    );
  if (seen.size > mostRedirects)
    throw new DownloadError('redirect', url, `redirects more than ${mostRedirects} times, at last to ${shown(to.href)}`);
  if (to.protocol !== 'https:' && to.protocol !== new URL(from).protocol)
    throw new DownloadError('redirect', url, `redirects to ${shown(to.href)}, which is not secure`);
  return to.href;
}

/** An address without its query, which in signed ones is a key to the file. */
const shown = (address: string): string => address.replace(/[?#].*$/s, '?…');

function linkedFile(headers: Headers, validated: boolean): Linked {
  const etag = headers.get('x-linked-etag') ?? (validated ? headers.get('etag') : null);
  const [, sha256] = /^"?([0-9a-f]{64})"?$/.exec(etag ?? '') ?? [];
  const size = bytesIn(headers, 'x-linked-size');
  return { ...(sha256 !== undefined && { sha256 }), ...(size !== undefined && { size }) };
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
