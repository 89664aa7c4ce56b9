import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { readConfig } from '../../src/train/config.js';

const least = { model: 'se_resnet8_cifar10', data: { train: 'train', test: 'test' }, epochs: 3, lr: 0.1 };

describe('a configuration', () => {
  test('has defaults', () => {
    expect(readConfig(least)).toEqual({
      ...least,
      options: {},
      size: undefined,
      augmentation: [],
      preparation: [],
      normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      balanced: false,
      batch: 128,
      optimiser: { name: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 0 },
      schedule: { name: 'constant' },
      init: undefined,
      anew: [],
      quantise: false,
      smoothing: 0,
      clip: undefined,
      average: undefined,
      seed: 0,
      threads: 1,
      kernels: 'auto',
      algorithms: 'fast',
      logEvery: 50,
      checkpointEvery: 100,
    });
  });

  test('read, written and read again is the same', () => {
    const config = readConfig({ ...least, schedule: { name: 'one-cycle', rise: 0.2 }, optimiser: { name: 'adamw' }, clip: 1 });
    expect(readConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  const { lr: _, ...withoutRate } = least;
  test.each([
    ['lr is missing', withoutRate, 'lr is missing: it must be a number above 0'],
    ['a rate of 0', { ...least, lr: 0 }, 'lr must be a number above 0, not 0'],
    ['a text for a number', { ...least, epochs: '3' }, 'epochs must be a whole number from 1, not "3"'],
    ['a fraction', { ...least, batch: 1.5 }, 'batch must be a whole number from 1, not 1.5'],
    ['an unknown key', { ...least, epoch: 3 }, 'epoch is no key (did you mean epochs?); a configuration has model, '],
    [
      'an unknown key below',
      { ...least, optimiser: { name: 'sgd', momentun: 1 } },
      'optimiser.momentun is no key (did you mean momentum?)',
    ],
    [
      "another optimiser's key",
      { ...least, optimiser: { name: 'sgd', eps: 1e-8 } },
      'optimiser.eps is no key; optimiser has name, momentum',
    ],
    ['no such optimiser', { ...least, optimiser: { name: 'lamb' } }, 'optimiser.name must be one of sgd, adamw, not "lamb"'],
    [
      'a nameless schedule',
      { ...least, schedule: { rise: 0.5 } },
      'schedule.name is missing: it must be one of constant, step, cosine, one-cycle',
    ],
    ['a share of more than all', { ...least, smoothing: 1.5 }, 'smoothing must be a number from 0 to 1, not 1.5'],
    ['an entry of a list', { ...least, schedule: { name: 'step', at: [1, 0] } }, 'schedule.at[1] must be a whole number from 1, not 0'],
    ['a list for an object', { ...least, options: [] }, 'options must be an object, not []'],
    ['a list that is too short', { ...least, optimiser: { name: 'adamw', betas: [0.9] } }, 'optimiser.betas must be a list of 2'],
    ['no object', [], 'a configuration must be an object of model, '],
  ])('%s', (_what, value, message) => {
    expect(() => readConfig(value)).toThrow(InputError);
    expect(() => readConfig(value)).toThrow(message);
  });
});
