// What lies in a package of npm: a tarball that is checked against its integrity first.
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/** As npm writes it: `sha512-` and base64. */
export const integrityOf = (bytes) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

export const sha256Of = (bytes) => createHash('sha256').update(bytes).digest('hex');

const block = 512;
const [regular, oldRegular] = ['0', '\0'];

/** The plain files of a tarball, by path. Throws if its bytes are not those of `integrity`, before anything of it is unpacked. */
export function filesOf(tarball, integrity) {
  const found = integrityOf(tarball);
  if (found !== integrity) throw new Error(`the tarball: expected ${integrity}, found ${found}`);
  const archive = gunzipSync(tarball);
  const files = new Map();
  for (let at = 0; at + block <= archive.length && archive[at] !== 0; ) {
    const text = (from, length) => archive.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 12), 8);
    const [name, type, prefix] = [text(0, 100), archive.toString('latin1', at + 156, at + 157), text(345, 155)];
    const begin = at + block;
    if (!(begin + size <= archive.length))
      throw new Error(`the tarball: expected ${size} bytes of ${name}, found ${archive.length - begin}`);
    if (type === regular || type === oldRegular)
      files.set(prefix === '' ? name : `${prefix}/${name}`, archive.subarray(begin, begin + size));
    at = begin + Math.ceil(size / block) * block;
  }
  return files;
}
