// `npm run page:firefox`: the page's main flow in Firefox, which is not part of CI (apt-get install firefox-esr): a label, every gate, the gates taken away, a file that is
// dropped, and networks that are right to the bits of Node. Prints what it saw. The exit code is 1 if any of it is wrong.
import { callInFirefox } from '../dist/reference/browsers/firefox.js';

const { value, version } = await callInFirefox({ module: '/page/visit.js', name: 'visit', args: ['/page/dist/'], patience: 240 });
console.log(version);
console.log(JSON.stringify(value, null, 1));
const { first, changed, dropped, strips, verdicts } = value;
const right = verdicts.every(([, , , , bits, verdict]) => bits === 'the same' && verdict === 'right');
const wrong = [
  ...(/^cat /.test(first) && /^cat /.test(dropped) ? [] : ['the cat is none']),
  ...(changed.includes('with the gates changed') && changed !== first ? [] : ['the slider changes nothing']),
  ...(strips === 9 ? [] : [`expected 9 blocks, found ${strips}`]),
  ...(verdicts.length === 3 && right ? [] : ['a network is wrong, or has other bits']),
];
for (const what of wrong) console.error(what);
process.exitCode = wrong.length > 0 ? 1 : 0;
