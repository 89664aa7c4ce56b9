/** Display P3 as an ICC profile (ICC.1:2010, version 2.1), as phones put it into photographs. */
export function displayP3(): Buffer {
  const tags: readonly (readonly [name: string, content: Buffer])[] = [
    ['desc', description('Display P3')],
    ['cprt', Buffer.from('text\0\0\0\0none\0', 'latin1')],
    ['wtpt', xyz(0.9642, 1, 0.82491)],
    ['rXYZ', xyz(0.51512, 0.2412, -0.00105)],
    ['gXYZ', xyz(0.29198, 0.69225, 0.04189)],
    ['bXYZ', xyz(0.1571, 0.06657, 0.78407)],
    ...(['rTRC', 'gTRC', 'bTRC'] as const).map((name) => [name, gamma(2.2)] as const),
  ];
  const directory = Buffer.alloc(4 + 12 * tags.length);
  directory.writeUInt32BE(tags.length);
  let at = 128 + directory.length;
  const contents = tags.map(([name, content], i) => {
    const padded = Buffer.concat([content, Buffer.alloc(-content.length & 3)]);
    directory.write(name, 4 + 12 * i, 'latin1');
    directory.writeUInt32BE(at, 8 + 12 * i);
    directory.writeUInt32BE(content.length, 12 + 12 * i);
    at += padded.length;
    return padded;
  });
  return Buffer.concat([header(at), directory, ...contents]);
}

function header(size: number): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32BE(size);
  bytes.writeUInt32BE(0x02100000, 8);
  bytes.write('mntrRGB XYZ ', 12, 'latin1');
  bytes.writeUInt16BE(2017, 24); // a date is asked for
  bytes.writeUInt16BE(1, 26);
  bytes.writeUInt16BE(1, 28);
  bytes.write('acsp', 36, 'latin1');
  xyz(0.9642, 1, 0.82491).copy(bytes, 68, 8); // D50, to which the primaries are adapted
  return bytes;
}

const fixed = (value: number): number => Math.round(value * 2 ** 16);

function xyz(...values: readonly [number, number, number]): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.write('XYZ ', 'latin1');
  values.forEach((value, i) => void bytes.writeInt32BE(fixed(value), 8 + 4 * i));
  return bytes;
}

function gamma(exponent: number): Buffer {
  const bytes = Buffer.alloc(14);
  bytes.write('curv', 'latin1');
  bytes.writeUInt32BE(1, 8);
  bytes.writeUInt16BE(Math.round(exponent * 2 ** 8), 12);
  return bytes;
}

function description(text: string): Buffer {
  const bytes = Buffer.alloc(12 + text.length + 1 + 78);
  bytes.write('desc', 'latin1');
  bytes.writeUInt32BE(text.length + 1, 8);
  bytes.write(text, 12, 'latin1');
  return bytes;
}
