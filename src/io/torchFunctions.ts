/** PyTorch's functions without weights that a network may have another of in the place, and what each is called here; empty for those that no network here has. */
const functions: Readonly<Record<string, string>> = {
  ReLU: 'relu',
  ReLU6: 'relu6',
  SiLU: 'silu',
  Hardswish: 'hardSwish',
  AdaptiveMaxPool2d: 'globalMaxPool',
  ...Object.fromEntries('CELU ELU GELU Hardtanh LeakyReLU Mish RReLU SELU Softplus'.split(' ').map((name) => [name, ''])),
};

/** What a class computes, by its name, should it be one of those functions: an op's name, or nothing for one that is none here. */
export function functionOf(what: string): string | undefined {
  const [, name = ''] = /(?:^|\.)torch\.nn\.modules\.(?:activation|pooling)\.(\w+)$/.exec(what) ?? [];
  return Object.hasOwn(functions, name) ? functions[name] : undefined;
}
