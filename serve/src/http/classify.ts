import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ModelHost, ServedModel } from '../models/model.js';
import { invalid, notFound } from './errors.js';
import { classifyPath, modelFor } from './modelFor.js';
import { acceptForms, pictureOf } from './picture.js';
import { labelOf, probabilities, topClasses } from './scores.js';
import { tellSpans } from './trace.js';
import { waitingOf } from './waiting.js';

export interface ClassifyOptions {
  readonly host: ModelHost;
  readonly bodyLimit: number;
  /** The longest that an answer is waited for, in milliseconds. */
  readonly timeout: number;
}

interface Settings {
  readonly model: ServedModel;
  readonly top: number;
  readonly gates: boolean;
}

/** `POST /v1/classify`: a picture in, labels and, if asked, gates out. */
export async function classify(app: FastifyInstance, { host, bodyLimit, timeout }: ClassifyOptions): Promise<void> {
  await acceptForms(app, bodyLimit);
  app.post(classifyPath, async (request, reply) => {
    const { model, top, gates } = settingsOf(request, host);
    const { signal, deadline } = waitingOf(request, reply, timeout);
    const picture = await pictureOf(request);
    const accepted = reply.elapsedTime;
    const answer = await model.classify(picture, { signal, deadline, gates });
    tellSpans(request, reply, accepted, [answer]);
    if (!answer.logits.every(Number.isFinite)) throw invalid(`the outputs of ${model.name} for the picture are not finite`);
    const scores = probabilities(answer.logits);
    return {
      model: model.name,
      top: topClasses(scores, top).map((index) => ({ index, label: labelOf(answer, index) ?? null, probability: scores[index] })),
      ...(gates && { gates: Object.fromEntries([...answer.gates].map(([path, values]) => [path, Array.from(values)])) }),
    };
  });
}

const names: ReadonlySet<string> = new Set(['model', 'top', 'gates']);

/** @throws RequestError for a query that is none */
function settingsOf(request: FastifyRequest, host: ModelHost): Settings {
  const given = request.query as Readonly<Record<string, string | readonly string[]>>;
  const unknown = Object.keys(given).find((name) => !names.has(name));
  if (unknown !== undefined) throw invalid(`the query has model, top and gates, not ${JSON.stringify(unknown)}`);
  const model = modelFor(request, host);
  if (model === undefined) throw notFound(`no model ${JSON.stringify(given.model)} here: ${[...host.models.keys()].join(', ')}`);
  const top = given.top === undefined ? Math.min(5, model.classes) : Number(given.top);
  if (!Number.isInteger(top) || top < 1 || top > model.classes)
    throw invalid(`top is a whole number from 1 to ${model.classes}, not ${JSON.stringify(given.top)}`);
  if (given.gates !== undefined && given.gates !== 'true' && given.gates !== 'false')
    throw invalid(`gates is true or false, not ${JSON.stringify(given.gates)}`);
  return { model, top, gates: given.gates === 'true' };
}
