import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { CocoGroundTruth } from '../../detect/ap/coco.js';
import { readGroundTruth } from '../../detect/ap/files.js';
import { groundTruthOf } from '../../detect/ap/groundTruth.js';
import { InputError, naming } from '../../errors.js';
import { readBytes, statOf } from '../files.js';
import { type ListedImage, listedImages } from './cocoImages.js';

/** An annotation file in COCO's form, and where its images lie. */
export interface Annotations {
  readonly groundTruth: CocoGroundTruth;
  readonly images: readonly ListedImage[];
  /** The images' folder, as an absolute path. */
  readonly folder: string;
  readonly sha256: string;
}

/** @throws InputError naming the file and the place in it that is not as COCO's form has it, or the folder if it is none */
export async function readAnnotations(file: string, folder: string): Promise<Annotations> {
  const bytes = await readBytes(file);
  const { groundTruth, images } = naming(file, () => {
    const groundTruth = readGroundTruth(bytes);
    groundTruthOf(groundTruth); // checks it
    if (groundTruth.images.length === 0) throw new InputError('images: there is none');
    return { groundTruth, images: listedImages(groundTruth.images, folder) };
  });
  if (!(await statOf(folder))?.isDirectory()) throw new InputError(`${folder}: is no folder`);
  return { groundTruth, images, folder: resolve(folder), sha256: createHash('sha256').update(bytes).digest('hex') };
}
