import type { Answered } from './connection.js';

/** The sentence and the word of an error are short, whatever was sent. */
const mostErrorBytes = 4096;

/** The words that errors have, as the server's OpenAPI document lists them. */
export async function errorCodesOf(origin: string, token?: string): Promise<ReadonlySet<string>> {
  const response = await fetch(`${origin}/openapi.json`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  const { components } = (await response.json()) as {
    readonly components: {
      readonly schemas: { readonly Error: { readonly properties: { readonly code: { readonly enum: readonly string[] } } } };
    };
  };
  return new Set(components.schemas.Error.properties.code.enum);
}

/** The word of an error that is answered as errors are; what is wrong with it otherwise. */
export function typedError(
  { headers, body }: Answered,
  codes: ReadonlySet<string>,
): { readonly code: string } | { readonly fault: string } {
  const start = JSON.stringify(body.toString('latin1', 0, 200));
  if (headers['content-type'] !== 'application/json; charset=utf-8') return { fault: `of type ${headers['content-type']}: ${start}` };
  if (body.length > mostErrorBytes) return { fault: `an error of ${body.length} bytes: ${start}` };
  try {
    const { error, code, ...more } = JSON.parse(body.toString()) as { readonly error: unknown; readonly code: unknown };
    if (typeof error === 'string' && error !== '' && typeof code === 'string' && codes.has(code) && Object.keys(more).length === 0)
      return { code };
  } catch {}
  return { fault: `no error with a sentence and a word: ${start}` };
}
