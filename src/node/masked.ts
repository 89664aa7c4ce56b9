import { mask, withoutPasswords } from '../io/masked.js';

/** What is shorter would be masked in the midst of words. */
const shortest = 4;

/**
 * Text without what must stay secret: the user and password of addresses, and the hub's token. Whatever is printed beside results goes through here,
 * wherever it came from: a library's message may repeat what it was given.
 */
export function masked(text: string, token: string | undefined = process.env.HF_TOKEN): string {
  const without = withoutPasswords(text);
  const secret = token?.trim() ?? '';
  // as a server or a library may write it
  return secret.length >= shortest
    ? [secret, encodeURIComponent(secret)].reduce((rest, form) => rest.replaceAll(form, mask), without)
    : without;
}
