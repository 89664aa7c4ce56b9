import { expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import * as senet from '../../src/index.js';

/** The lists that the package exports, one per family. */
const families: readonly (readonly [string, readonly senet.Model[]])[] = Object.entries(senet)
  .filter(([name]) => name.endsWith('Models') && name !== 'listModels')
  .map(([name, list]) => [name, list as readonly senet.Model[]]);

test('the families together are all networks, each once', () => {
  const ids = families.flatMap(([, models]) => models.map(({ id }) => id));
  expect(ids.sort()).toEqual(
    senet
      .listModels()
      .map(({ id }) => id)
      .sort(),
  );
});

test.each(families)('%s: a network of the list is the one of that name, and checks its options', (_, [model]) => {
  const { id, size, create } = model as senet.Model;
  expect(senet.count(create({ size, classes: 3 }))).toEqual(senet.count(senet.createModel(id, { size, classes: 3 })));
  expect(() => create({ classes: 0 })).toThrow(new InputError('classes must be a whole number from 1, not 0'));
});
