import { showShape } from './errors.js';
import { kindOf, type Shape } from './tensor.js';

/** What callers whose types nobody checked hand in by mistake, told by what it looks like. The first that fits counts. */
const looks = {
  text: (value) => typeof value === 'string',
  function: (value) => typeof value === 'function',
  floats: (value) => /^Float(32|64)Array$/.test(kindOf(value)),
  png: (value) => startsWith(value, [0x89, 0x50, 0x4e, 0x47]),
  jpeg: (value) => startsWith(value, [0xff, 0xd8, 0xff]),
  webp: (value) => startsWith(value, [0x52, 0x49, 0x46, 0x46]) && startsWith((value as Uint8Array).subarray(8), [0x57, 0x45, 0x42, 0x50]),
  bytes: (value) => /^(Uint8Array|Uint8ClampedArray|ArrayBuffer|Blob|File)$/.test(kindOf(value)),
  map: (value) => kindOf(value) === 'Map',
  response: (value) => kindOf(value) === 'Response',
  url: (value) => kindOf(value) === 'URL',
  readable: (value) => kindOf(value) === 'ReadableStream' || has(value, 'pipe', 'read'),
  handle: (value) => has(value, 'fd', 'readFile'),
  list: (value) => /^(FileList|Array)$/.test(kindOf(value)),
  input: (value) => kindOf(value) === 'HTMLInputElement',
  context: (value) => /^(Offscreen)?CanvasRenderingContext2D$/.test(kindOf(value)),
  stream: (value) => /^MediaStream(Track)?$/.test(kindOf(value)),
  tensor: (value) => has(value, 'shape', 'data'),
  image: (value) => has(value, 'width', 'height', 'data'),
  graph: (value) => has(value, 'nodes', 'outputs', 'parameters'),
  recognised: (value) => has(value, 'graph', 'weights'),
  identified: (value) => has(value, 'model', 'stored'),
  checkpoint: (value) => has(value, 'tensors', 'metadata', 'load'),
  model: (value) => has(value, 'id', 'create'),
  preset: (value) => has(value, 'cropRatio', 'filter'),
  object: (value) => kindOf(value) === 'Object',
} as const satisfies Record<string, (value: unknown) => boolean>;

type Look = keyof typeof looks;
type Hints = Partial<Record<Look, string>>;

const pictures = (then: string): Hints => ({
  png: `the bytes of a PNG: decodeImage(bytes)${then}`,
  jpeg: `the bytes of a JPEG: decodeImage(bytes)${then}`,
  webp: `the bytes of a WebP: decodeImage(bytes)${then}`,
  bytes: `bytes: of a picture? decodeImage(bytes)${then}`,
});

/** How a mistake becomes what is wanted. */
const hints = {
  weights: {
    function: 'a function: call it, and await what it returns',
    bytes: 'bytes: recognise(await openCheckpoint(bytes)) reads them',
    recognised: 'what recognise returns: pass its `weights`',
    identified: 'what identify returns: recognise(checkpoint) reads the weights too',
    checkpoint: 'a checkpoint: recognise(checkpoint) reads its weights',
    graph: 'a graph: compile(graph, weights)',
    object: 'Object: new Map(Object.entries(weights))',
  },
  gates: { object: 'Object: new Map(Object.entries(gates))' },
  tensors: { object: 'Object: new Map(Object.entries(tensors))', tensor: 'a tensor: new Map([[name, tensor]])' },
  graph: {
    text: "string: createModel('seresnet50') is a graph",
    recognised: 'what recognise returns: pass its `graph`',
    identified: 'what identify returns: createModel(model, { ...options, classes }) is its graph',
    model: 'a row of the zoo: createModel(model.id) is its graph',
    map: 'Map: the graph comes before the weights',
  },
  name: { model: 'a row of the zoo: pass its `id`', graph: 'a graph: it needs no createModel' },
  pixels: {
    ...pictures(' first, and await it'),
    text: 'string: read the file, then decodeImage(bytes)',
    tensor: 'a tensor: of pixels already, so run it',
    floats: 'floats: pixels are bytes, three each',
  },
  picture: {
    text: 'string: read the file first',
    tensor: 'a tensor: session.run takes it',
    floats: 'floats: pixels are bytes',
    response: 'Response: await response.blob()',
    url: 'URL: read the file, or fetch it, first',
    readable: 'a stream: read all of it first, as with await new Response(stream).blob()',
    handle: 'an open file: await handle.readFile()',
    list: 'a list: classifyAll takes many',
    input: 'HTMLInputElement: pass one of its `files`',
    context: 'a context: pass its `canvas`',
    stream: "MediaStream: make it a video's srcObject, play that, and pass the video",
  },
  input: {
    ...pictures(', then preprocess(pixels, options)'),
    text: 'string: read the file, then decodeImage(bytes), then preprocess(pixels, options)',
    image: 'pixels: preprocess(pixels, options) makes a tensor of them',
    floats: 'floats: tensor(shape, data)',
    map: 'Map: Object.fromEntries(inputs)',
  },
  inputs: {
    tensor: 'a tensor: { input: tensor }',
    map: 'Map: Object.fromEntries(inputs)',
    floats: 'floats: { input: tensor(shape, floats) }',
  },
  interpreter: {
    map: 'Map: reference(weights, { input }) makes one of weights',
    tensor: 'a tensor: reference(weights, { input: tensor })',
  },
  checkpoint: {
    ...pictures(' reads it, and it has no weights'),
    text: 'string: read the file, then openCheckpoint(bytes)',
    bytes: 'bytes: openCheckpoint(bytes) first, and await it',
    map: 'Map: weights that are read already',
  },
  file: {
    text: 'text; a name is not opened here: read the file first',
    url: 'URL: read the file, or fetch it, first',
    readable: 'a stream: read all of it first, as with await new Response(stream).blob()',
    handle: 'an open file: await handle.readFile()',
    image: 'pixels: they are decoded already',
    checkpoint: 'a checkpoint: it is open already',
    map: 'Map: weights that are read already',
  },
  options: { preset: 'a preset: preprocessOptions(preset)' },
} as const satisfies Record<string, Hints>;

/** What may be wanted. */
export type Wanted = keyof typeof hints;

/**
 * What was found in place of what is wanted, and where it is a usual mistake, the way to what was meant: to follow `not`.
 *
 * @param shape of the tensor that is wanted, for the way to it.
 */
export function insteadOf(wanted: Wanted, found: unknown, shape?: Shape): string {
  const known: Hints = hints[wanted];
  const look = (Object.keys(known) as Look[]).sort((a, b) => order.indexOf(a) - order.indexOf(b)).find((name) => looks[name](found));
  if (look === undefined) return kindOf(found);
  return (known[look] as string).replace('tensor(shape,', shape ? `tensor(${showShape(shape)},` : 'tensor(shape,');
}

/** Whether it is one of the usual mistakes. */
export function isMistaken(wanted: Wanted, found: unknown): boolean {
  return (Object.keys(hints[wanted]) as Look[]).some((name) => looks[name](found));
}

const order = Object.keys(looks);

function has(value: unknown, ...keys: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}

function startsWith(value: unknown, magic: readonly number[]): boolean {
  return kindOf(value) === 'Uint8Array' && magic.every((byte, i) => (value as Uint8Array)[i] === byte);
}
