// `npm run page:picture`: docs/page.jpg, the page with the network of meals, its gates half taken away. Needs the built page, Chromium and what `npm run page:model` fetches.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openChromium } from '../dist/reference/chromium.js';

const { page, origin, close } = await openChromium();
await page.setViewportSize({ width: 1000, height: 3000 });
await page.emulateMedia({ colorScheme: 'light' });
await page.goto(`${origin}/page/dist/#network=qvac&pictures=meal,chelsea&amount=0.35`);
await page.locator('.verdict .then').nth(1).waitFor();
const top = (await page.locator('.pictures').boundingBox()).y - 10;
const blocks = await page.locator('.network li').nth(5).boundingBox();
const clip = { x: 0, y: top, width: 1000, height: blocks.y + blocks.height - top + 12 };
writeFileSync(fileURLToPath(new URL('../docs/page.jpg', import.meta.url)), await page.screenshot({ clip, type: 'jpeg', quality: 65 }));
await close();
