import { type Detector, openCheckpoint, type Source } from 'senet';
import { type IdentifiedDetector, identifyDetector, namesDetector } from '#senet/checkpoints/detector.js';
import { detectorOf } from '#senet/detector/detector.js';
import { describeDetector } from '#senet/detector/network.js';
import { blobSource } from '#senet/io/source.js';
import { findDetector } from '#senet/models/detection/index.js';
import type { Weights } from '#senet/wasm/weights.js';
import type { Asked, Side, Told } from './messages.js';
import { leastScore } from './seen.js';

/** The worker of a detector: it opens one file, then looks at pictures in turn, until the page ends it. */
const tell = (told: Told): void => self.postMessage(told);

type Detect = Extract<Asked, { kind: 'detect' }>;
let detector: Promise<Detector<Weights> | undefined>;
let last: Promise<void> = Promise.resolve();
const forgotten = new Set<number>();
/** The picture that is looked at, and how many bytes of weights were read for it. */
let now = { id: -1, bytes: 0 };

self.onmessage = ({ data }: MessageEvent<Asked>) => {
  if (data.kind === 'open') {
    detector = open(data).catch((error: unknown) => void tell({ kind: 'failed', message: messageOf(error) }));
  } else if (data.kind === 'forget') forgotten.add(data.id);
  else last = last.then(() => look(data));
};

async function open({ file, side, threads }: Extract<Asked, { kind: 'open' }>): Promise<Detector<Weights> | undefined> {
  const checkpoint = await openCheckpoint(heard(file)).catch(() => undefined); // a classifier's reader says what is wrong with it
  if (checkpoint === undefined || !namesDetector(checkpoint)) {
    tell({ kind: 'other' });
    return undefined;
  }
  const identified = identifyDetector(checkpoint);
  const { settings } = findDetector(identified.model);
  const model = side === 'own' ? identified.model : smallest(identified);
  const { stored, ...rest } = { ...identified, model, same: [] };
  const network = describeDetector(rest, stored, file.name, undefined); // its tensors are read as they are packed, and held nowhere else
  const { id, classes, notes } = network;
  tell({ kind: 'opened', facts: { id, classes: classes - 1, se: network.model.se, ownSide: settings.minSize, notes } });
  return detectorOf(network, { threads, score: leastScore, ...sizes(side, network.model.settings.minSize) });
}

/** Of detectors with the same tensors, the one that was made for the smallest pictures. */
const smallest = ({ model, same }: IdentifiedDetector): string =>
  [model, ...same].reduce((a, b) => (findDetector(b).settings.minSize < findDetector(a).settings.minSize ? b : a));

/** As torchvision's detectors for 320 pixels have them. */
const sizes = (side: Side, own: number) => (side === '320' && own > 320 ? { minSize: 320, maxSize: 640 } : {});

async function look({ id, picture, title }: Detect): Promise<void> {
  const opened = await detector;
  if (opened === undefined || forgotten.delete(id)) return;
  now = { id, bytes: 0 };
  const start = performance.now();
  const before = opened.session;
  try {
    const found = await opened.detect(picture, { file: title });
    const { session } = opened;
    if (session === undefined) return;
    const { kernels, threads, threadsNote } = session;
    const milliseconds = performance.now() - start;
    tell({ kind: 'found', id, sight: { found, milliseconds, compiled: session !== before, kernels, threads, threadsNote } });
  } catch (error) {
    tell({ kind: 'failed', id, message: messageOf(error) });
  }
}

/** A file that tells while it is read. */
function heard(file: File): Source {
  const { size, read } = blobSource(file);
  return {
    size,
    async read(begin, length) {
      const bytes = await read(begin, length);
      now.bytes += length;
      tell({ kind: 'read', id: now.id, share: Math.min(now.bytes / size, 1) });
      return bytes;
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
