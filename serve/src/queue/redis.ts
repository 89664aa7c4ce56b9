import { Redis } from 'ioredis';
import { InputError } from 'senet';

/** No Redis that is there takes longer to answer. */
const answerMs = 10_000;

/**
 * A connection that, once it stands, waits through restarts of Redis.
 *
 * @throws InputError for an address that is none, or where no Redis answers
 */
export async function connectRedis(url: string): Promise<Redis> {
  const where = checkedAddress(url);
  const once = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: answerMs, commandTimeout: answerMs });
  let last: Error | undefined;
  once.on('error', (error: Error) => {
    last = error;
  });
  try {
    await once.connect();
    await once.ping();
  } catch (error) {
    const cause = last ?? (error as Error);
    throw new InputError(`${where}: no Redis answers there (${(cause as NodeJS.ErrnoException).code ?? cause.message})`, { cause });
  } finally {
    once.disconnect();
  }
  return attended(new Redis(url, { maxRetriesPerRequest: null }), where);
}

/** A second connection to the same Redis, for what blocks. */
export const secondTo = (redis: Redis): Redis => {
  const second = redis.duplicate();
  second.on('error', () => undefined); // the first says it
  return second;
};

/** The address without its password. @throws InputError */
function checkedAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol))
    throw new InputError(`expected the address of a Redis, redis://HOST:PORT, found ${url ? `${url.protocol}//…` : text}`);
  return `${url.protocol}//${url.host}`;
}

/** Says when Redis is gone and when it is back; ioredis tries again by itself. */
function attended(redis: Redis, where: string): Redis {
  let gone = false;
  redis.on('error', () => undefined); // each is followed by another try
  redis.on('reconnecting', () => {
    if (!gone) process.stderr.write(`${where}: Redis does not answer; waiting for it\n`);
    gone = true;
  });
  redis.on('ready', () => {
    if (gone) process.stderr.write(`${where}: Redis is back\n`);
    gone = false;
  });
  return redis;
}
