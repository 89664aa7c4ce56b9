import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paddedSize, resizedSize } from '../../../src/detect/transform.js';
import { bySize, type ListedImage, listedImages } from '../../../src/node/images/cocoImages.js';

const limits = { minSize: 96, maxSize: 160 } as const;
const side = fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined });

test('images come grouped by padded size, in their order within a group, those without a size last', () => {
  const check = (sizes: readonly (readonly [number | undefined, number | undefined])[]): void => {
    const images = sizes.map(([width, height], id): ListedImage => ({ id, width, height, name: `${id}`, path: `${id}` }));
    const groups = bySize(images, limits).map(({ id, width, height }) => ({
      id,
      group: width && height ? paddedSize([resizedSize([height, width], limits)]).join() : 'none',
    }));
    expect(groups.map(({ id }) => id).sort((a, b) => a - b)).toEqual(images.map(({ id }) => id));
    const starts = groups.filter(({ group }, i) => group !== groups[i - 1]?.group);
    expect(starts.length).toBe(new Set(groups.map(({ group }) => group)).size);
    for (const [i, { id, group }] of groups.entries())
      if (group === groups[i - 1]?.group) expect(id).toBeGreaterThan(groups[i - 1]?.id as number);
    if (starts.some(({ group }) => group === 'none')) expect(starts.at(-1)?.group).toBe('none');
  };
  fc.assert(fc.property(fc.array(fc.tuple(side, side), { maxLength: 30 }), check));
});

test('sizes that no image has are as none: reading the image says so', () => {
  const odd = [0, 0.5, 1e300].map((width, id): ListedImage => ({ id, width, height: 5, name: `${id}`, path: `${id}` }));
  const image = { ...(odd[0] as ListedImage), id: 3, width: 5 };
  expect(bySize([...odd, image], limits)).toEqual([image, ...odd]);
});

test('an image without a name, or with the name of another, is refused', () => {
  expect(listedImages([{ id: 1, file_name: 'a/b.png' }], 'folder')).toMatchObject([{ id: 1, name: 'a/b.png' }]);
  for (const file_name of [undefined, ''])
    expect(() => listedImages([{ id: 1, file_name }], '.')).toThrow('images[0].file_name is missing');
  const twice = [1, 2].map((id) => ({ id, file_name: 'a.png' }));
  expect(() => listedImages(twice, '.')).toThrow('images[1].file_name: "a.png" is also the file_name of images[0]');
});
