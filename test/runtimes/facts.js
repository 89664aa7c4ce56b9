import { kernelsText } from '../../dist/src/node/engine.js';
import { forcedTile } from '../../dist/src/wasm/tune.js';

console.log(JSON.stringify({ kernels: kernelsText('relaxed'), tile: forcedTile() ?? null }));
