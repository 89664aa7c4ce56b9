import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { failureOf, invalid, tooLarge, wrongMedia } from './errors.js';
import { mediaType } from './media.js';

const form = 'multipart/form-data';

/** What a body may be said to be. Which it is, is told by its first bytes. */
export const pictureTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/webp', 'application/octet-stream'];

/** Lets the routes of `app` take forms of one file. */
export async function acceptForms(app: FastifyInstance, bodyLimit: number): Promise<void> {
  await app.register(multipart, {
    throwFileSizeLimit: true,
    limits: { fileSize: bodyLimit, files: 1, fields: 0, parts: 1, headerPairs: 32, fieldNameSize: 256 },
  });
}

/** The picture that is the body, or the one file of a form. @throws RequestError */
export async function pictureOf(request: FastifyRequest): Promise<Uint8Array> {
  const type = mediaType(request);
  if (type !== form && !pictureTypes.includes(type ?? ''))
    throw wrongMedia(`classify takes ${pictureTypes.join(', ')} or ${form}, not ${type ?? 'a body without content-type'}`);
  const picture = type === form ? await fileOf(request) : request.body;
  if (!(picture instanceof Uint8Array) || picture.length === 0) throw invalid('the picture is empty');
  return picture;
}

async function fileOf(request: FastifyRequest): Promise<Uint8Array> {
  let picture: Uint8Array | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type !== 'file') throw invalid('a form has one file and no fields: settings are in the query');
      picture = await part.toBuffer();
    }
  } catch (error) {
    const { status, body } = failureOf(error);
    if (status === 413) throw tooLarge(`a form has one file and no fields: ${body.error}`);
    if (status === 500) throw invalid(`the form cannot be read: ${(error as Error).message}`); // of the parser, which knows no statuses
    throw error;
  }
  if (picture === undefined) throw invalid('the form has no file');
  return picture;
}
