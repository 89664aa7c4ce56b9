import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Answer, RefusedError, type ServedModel } from '../../models/model.js';
import { invalid, wrongMedia } from '../errors.js';
import { mediaType } from '../media.js';
import { tellSpans } from '../trace.js';
import { type Waiting, waitingOf } from '../waiting.js';
import { encoded, wantedOf } from './answer.js';
import { type Asked, imagesOf } from './images.js';
import { parseInferRequest } from './request.js';

export interface InferLimits {
  readonly maxImages: number;
  /** The longest that an answer is waited for, in milliseconds. */
  readonly timeout: number;
}

/** Clients send no type, JSON's, or with binary tensors that of bytes; `curl -d` says of all it sends that it is a form. */
const types: ReadonlySet<string | undefined> = new Set([
  undefined,
  'application/json',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
]);

/** Answers `POST …/infer`. */
export async function infer(request: FastifyRequest, reply: FastifyReply, model: ServedModel, limits: InferLimits): Promise<FastifyReply> {
  const type = mediaType(request);
  if (!types.has(type)) throw wrongMedia(`infer takes application/json or application/octet-stream, not ${type}`);
  const waiting = waitingOf(request, reply, limits.timeout);
  const header = request.headers['inference-header-content-length'];
  const asked = parseInferRequest(bytesOf(request.body), header === undefined ? undefined : String(header));
  const wanted = wantedOf(asked, model);
  const images = imagesOf(asked.inputs, model, limits.maxImages);
  const accepted = reply.elapsedTime;
  const answers = await all(model, images, waiting);
  tellSpans(request, reply, accepted, answers);
  if (answers.some(({ logits }) => logits.length !== model.classes))
    throw new RefusedError('unavailable', `${model.name} was exchanged meanwhile`);
  const { body, jsonLength } = encoded(model, asked.id, wanted, answers);
  if (jsonLength === undefined) return reply.type('application/json; charset=utf-8').send(body);
  return reply.type('application/octet-stream').header('inference-header-content-length', String(jsonLength)).send(body);
}

const bytesOf = (body: unknown): Uint8Array => (body instanceof Uint8Array ? body : new Uint8Array());

/** Answers to all, or the first error: then nobody waits for the others. */
async function all(model: ServedModel, images: readonly Asked[], { signal, deadline, abort }: Waiting): Promise<readonly Answer[]> {
  try {
    return await Promise.all(images.map((asked) => answerTo(model, asked, { signal, deadline })));
  } catch (error) {
    abort(error);
    throw error;
  }
}

async function answerTo(model: ServedModel, asked: Asked, options: { signal: AbortSignal; deadline: number }): Promise<Answer> {
  const answer =
    'image' in asked ? await model.infer(asked.image, options) : await model.classify(asked.picture, { ...options, gates: false });
  if (!answer.logits.every(Number.isFinite))
    throw invalid(`the outputs of ${model.name} are not finite: the values of the image are too large`);
  return answer;
}
