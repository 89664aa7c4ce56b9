import { describe, expect, test } from 'vitest';
import { likelihood } from '../../src/io/stateNames.js';

describe('what a path says of the tensors below it', () => {
  test.each(['', 'state_dict', 'state_dict.model', 'model_state_dict', 'student', '0.net'])('%j: the plain weights', (path) => {
    expect(likelihood(path)).toBe(0);
  });

  const ordinary =
    'my_weights classifier backbone encoder encoder_q query_encoder features norm layer4 stem schedule best_model fold0 forward_module';
  test.each([
    ...ordinary.split(' '),
    'state_dict.my_net',
    'slowfast',
    'semantic.head',
    'tokens',
    'meaning',
    'task',
    'networks',
    'targeted',
  ])('%s: nothing', (path) => {
    expect(likelihood(path)).toBe(1);
  });

  const averages = [
    ...'ema model_ema modelEMA EMAModel ema1 netEMA state_dict_ema swa swamodel model_swa avgModel avg_model averager averaging averaged_net'.split(
      ' ',
    ),
    ...'polyak smoothed slow_weights lookahead_slow mean_model model_mean moving_average shadow momentum_encoder'.split(' '),
  ];
  const networks = [
    ...'teacher teacherNet teacher1 mean_teacher targetnet target_model tgt_encoder key_encoder encoder_k model_t discriminator reference_model'.split(
      ' ',
    ),
    ...'frozen_model old_net pretrained initial_weights init_state_dict backup prev_model'.split(' '),
  ];
  const noWeights = ['optimizer', 'optimizer_states.0', 'gradients', 'grads', 'fisher', 'exp_avg'];
  test.each([...averages, ...networks, ...noWeights, 'state_dict.teacherNet', 'ema.module', 'averager.model'])("%s: another's", (path) => {
    expect(likelihood(path)).toBe(2);
  });
});
