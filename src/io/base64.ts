/** The bytes of base64 text that bundles embed: megabytes of it, so by the engine's own reader where it has one. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const own = Uint8Array as unknown as { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
  if (own.fromBase64 !== undefined) return own.fromBase64(text);
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
