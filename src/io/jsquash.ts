/** What @jsquash's decoders have in common: each is an Emscripten program that returns RGBA. */

/** Emscripten's `instantiateWasm` for a module that is compiled already. */
export function instantiate(module: WebAssembly.Module) {
  return (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): WebAssembly.Exports => {
    const instance = new WebAssembly.Instance(module, imports);
    done(instance);
    return instance.exports;
  };
}

/** RGBA bytes without their fourth. */
export function dropAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, o = 0; o < rgb.length; i += 4) {
    rgb[o++] = rgba[i] as number;
    rgb[o++] = rgba[i + 1] as number;
    rgb[o++] = rgba[i + 2] as number;
  }
  return rgb;
}
