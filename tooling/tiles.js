// Writes the register tiles into kernels/ from their templates: one function for each number of rows and columns that pays on some engine.
import { writeFileSync } from 'node:fs';
import { files as denseTile } from './tiles/denseTile.js';
import { files as depthwise } from './tiles/depthwise.js';
import { files as dots } from './tiles/dots.js';
import { files as gemm } from './tiles/gemm.js';
import { files as gradTile } from './tiles/gradTile.js';
import { files as grouped } from './tiles/grouped.js';

/** Text by the name of the file in kernels/. The names are those that hand-written tiles had: functions are compiled in the order of their names. */
export const tiles = { ...gemm, ...grouped, ...depthwise, ...gradTile, ...denseTile, ...dots };

export function writeTiles() {
  for (const [name, text] of Object.entries(tiles)) writeFileSync(`kernels/${name}.ts`, `// Written by tooling/tiles.js.\n${text}`);
}
