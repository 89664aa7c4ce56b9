/** How a file's pixels can be had in a page: what the tables call it. The first is ours. */
export const paths = {
  file: 'the file itself',
  bitmapAsStored: "`createImageBitmap`, `colorSpaceConversion: 'none'`",
  bitmap: '`createImageBitmap`',
  image: '`<img>`',
  imageDecoder: '`ImageDecoder`',
} as const;

export type Path = keyof typeof paths;

/** How it can resize. */
export const resizers = ['createImageBitmap', 'drawImage'] as const;
export type Resizer = (typeof resizers)[number];

export const qualities = ['low', 'medium', 'high'] as const;
export type Quality = (typeof qualities)[number];
