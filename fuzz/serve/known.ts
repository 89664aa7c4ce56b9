import { encode } from 'fast-png';
import { concatBytes, text } from '../../test/support/files/bytes.js';
import { Draw } from '../draw.js';
import { Connection } from './connection.js';
import { binaryRequest, bytesOf, element, pictureRequest, type Request, side } from './request.js';
import type { RunningServer } from './server.js';

/** A request, and what is answered to it while the server has no other. */
export interface Known {
  readonly bytes: Uint8Array;
  readonly body: Buffer;
}

const patienceMs = 60_000;

/** Requests of every form, each of a picture of its own, so that an answer tells which picture it is of. @throws Error if two are answered alike */
export async function knownRequests({ port }: RunningServer, count: number, seed: number): Promise<readonly Known[]> {
  const connection = new Connection(port);
  const all: Known[] = [];
  for (let index = 0; index < count; index++) {
    const bytes = bytesOf(request(index, new Draw('known', seed, index)));
    connection.send(bytes);
    const { status, body } = await connection.answer(patienceMs);
    if (status !== 200) throw new Error(`picture ${index}: ${status} ${body}`);
    if (all.some((other) => other.body.equals(body))) throw new Error(`picture ${index} has another's answer`);
    all.push({ bytes, body });
  }
  connection.destroy();
  return all;
}

function request(index: number, draw: Draw): Request {
  const colours = draw.bytes(3);
  const pixels = Uint8Array.from({ length: 3 * side * side }, (_, at) => ((colours[at % 3] as number) + draw.whole(0, 255)) >> 1);
  const picture = encode({ width: side, height: side, channels: 3, depth: 8, data: pixels });
  const tensor = (datatype: string, shape: readonly number[], bytes: Uint8Array): Request =>
    binaryRequest(
      { id: String(index), inputs: [{ name: 'image', datatype, shape, parameters: { binary_data_size: bytes.length } }] },
      bytes,
    );
  switch (index % 4) {
    case 0:
      return pictureRequest(picture, `?top=10${index % 8 === 0 ? '&gates=true' : ''}`);
    case 1:
      return tensor('BYTES', [1], element(picture));
    case 2:
      return tensor('UINT8', [1, side, side, 3], pixels);
    default: {
      const edge = text('--edge\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n');
      const form = { ...pictureRequest(concatBytes([edge, picture, text('\r\n--edge--\r\n')])), target: '/v1/classify?top=10' };
      return { ...form, headers: [['Content-Type', 'multipart/form-data; boundary=edge']] };
    }
  }
}
