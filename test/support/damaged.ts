/** What may stand anywhere in JSON that nobody checked, as text: JSON.stringify would change some of it. */
const strangers: readonly string[] = [
  'null',
  'true',
  '-1',
  '0.5',
  '1e308',
  '1e999',
  '"constructor"',
  '"\\u001b[31m"',
  '[]',
  '[[[]]]',
  '{}',
  '{"__proto__": {"length": 3}}',
  '{"toString": 1, "valueOf": 1}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
];

/** Texts of JSON that are a value but for one place, at which something else stands, or nothing, or something more. */
export function* damagedJson(value: unknown): Generator<string> {
  yield* strangers;
  if (typeof value !== 'object' || value === null) return;
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  const written = (parts: readonly (readonly [string, string])[]): string =>
    list ? `[${parts.map(([, text]) => text).join(',')}]` : `{${parts.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
  const sound = entries.map(([key, entry]) => [key, JSON.stringify(entry)] as const);
  for (const key of ['__proto__', 'constructor', 'hasOwnProperty'])
    for (const more of ['1', '{"length": 1e9}']) yield written([...sound, [key, more]]);
  for (const [i, [key, entry]] of entries.entries()) {
    if (list && i > 1) break; // others are alike
    yield written(sound.filter((_, j) => j !== i));
    for (const text of damagedJson(entry)) yield written(sound.map((part, j) => (j === i ? [key, text] : part)));
  }
}

/** What a crash or a power cut leaves of a text: nothing, part of it, or zeros in its place. */
export function* damagedText(text: string): Generator<string> {
  for (let parts = 0; parts < 8; parts++) {
    const length = Math.floor((parts * text.length) / 8);
    yield text.slice(0, length);
    yield text.slice(0, length).padEnd(text.length, '\0');
    yield `${text.slice(0, length)}\0\0\0${text.slice(length + 3)}`;
  }
}
