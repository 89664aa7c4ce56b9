import { type FileHandle, open } from 'node:fs/promises';
import { InputError, SenetError, underName } from '../errors.js';
import type { OnnxModel } from '../onnx/index.js';
import { kindOf } from '../tensor.js';
import { fileBeside } from './beside.js';
import { unreadable } from './files.js';
import { fileSource, identityOf } from './weightsFile.js';

/**
 * An ONNX file on disk, and the files that its tensors lie in beside it, read a tensor at a time: only those that an output needs.
 *
 * @throws InputError if the file cannot be read; what `readOnnx` throws, and for tensors whose file is a link that leaves the model's folder, with the file's name in front
 */
export const readOnnxFile = async (path: string): Promise<OnnxModel> => (await identifiedOnnx(path)).model;

/** The same, and what tells that it and the files beside it are as they were. @throws as `readOnnxFile` */
export async function identifiedOnnx(path: string): Promise<{ readonly model: OnnxModel; readonly identity: string }> {
  if (typeof path !== 'string') throw new InputError(`readOnnxFile takes the path of a file, not ${kindOf(path)}`);
  const { readOnnx } = await import('../onnx/index.js'); // not with all else of `senet/node`
  const handles: FileHandle[] = [];
  const opened = async (file: string) => {
    const handle = await open(file);
    handles.push(handle);
    return fileSource(handle, (await handle.stat()).size);
  };
  try {
    const model = await readOnnx(await opened(path), {
      external: async (name) => {
        const file = await fileBeside(path, name);
        return file === undefined ? undefined : opened(file);
      },
    });
    return { model, identity: await identityOf(path, handles) };
  } catch (error) {
    if (error instanceof SenetError) throw underName(path, error);
    throw (error as NodeJS.ErrnoException).code === undefined ? error : unreadable(path, error);
  } finally {
    for (const handle of handles) await handle.close();
  }
}
