import { firstCalls } from './products.js';

console.log(await firstCalls());
