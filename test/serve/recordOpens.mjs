// Preloaded (`node --import`) into a server and its workers: tells on stderr of everything that opens or looks at a path.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const tell = (name, path) => {
  if (typeof path !== 'number' && path?.fd === undefined) process.stderr.write(`OPENED ${name} ${path}\n`);
};
for (const [of, names] of [
  [
    fs,
    [
      'open',
      'openSync',
      'readFile',
      'readFileSync',
      'writeFile',
      'createReadStream',
      'createWriteStream',
      'opendir',
      'readdir',
      'stat',
      'lstat',
      'access',
      'existsSync',
    ],
  ],
  [fs.promises, ['open', 'readFile', 'writeFile', 'opendir', 'readdir', 'stat', 'lstat', 'access']],
])
  for (const name of names) {
    const original = of[name];
    of[name] = (...args) => {
      tell(name, args[0]);
      return original.apply(of, args);
    };
  }
syncBuiltinESMExports();
