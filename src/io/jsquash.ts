import { UnsupportedError } from '../errors.js';
import { type Decoder, decoderModule } from './decoders.js';

/** An Emscripten program of @jsquash, and the errors that it has printed. A reader removes those that it has read. */
export interface Codec<Program> {
  readonly program: Program;
  readonly printed: string[];
}

interface Overrides {
  readonly noInitialRun: true;
  readonly printErr: (line: string) => void;
  readonly instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => WebAssembly.Exports;
}

/** Starts a program over a new memory. @throws UnsupportedError if it does not start. */
export async function startCodec<Program>(name: Decoder, factory: (overrides: Overrides) => Promise<Program>): Promise<Codec<Program>> {
  const module = await decoderModule(name);
  const printed: string[] = [];
  try {
    const program = await factory({
      noInitialRun: true,
      printErr: (line) => void printed.push(line),
      instantiateWasm: (imports, done) => {
        const instance = new WebAssembly.Instance(module, imports);
        done(instance);
        return instance.exports;
      },
    });
    return { program, printed };
  } catch (cause) {
    throw new UnsupportedError(`the decoder ${name} did not start: ${printed.join('; ') || String(cause)}`, { cause });
  }
}
