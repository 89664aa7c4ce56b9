import { Command } from 'commander';
import { version } from '../node/package.js';
import { apCommand } from './commands/ap.js';
import { benchCommand } from './commands/bench.js';
import { cacheCommand } from './commands/cache.js';
import { classifyCommand } from './commands/classify.js';
import { compareCommand } from './commands/compare.js';
import { convertCommand } from './commands/convert.js';
import { detectCommand } from './commands/detect.js';
import { evaluateCommand } from './commands/evaluate.js';
import { inspectCommand } from './commands/inspect.js';
import { modelsCommand } from './commands/models.js';
import { planCommand } from './commands/plan.js';
import { preprocessCommand } from './commands/preprocess.js';
import { profileCommand } from './commands/profile.js';
import { quantizeCommand } from './commands/quantize.js';
import { reportCommand } from './commands/report.js';
import { startCommand } from './commands/start.js';
import { tablesCommand } from './commands/tables.js';
import { trainCommand } from './commands/train.js';
import { verifyCommand } from './commands/verify.js';
import { weightsCommand } from './commands/weights.js';

const exitCodes = `
Exit codes: 0 fine, 1 a check failed, 2 wrong use or bad input.`;

/** The command `senet`, with all its subcommands. */
export function program(): Command {
  const senet = new Command('senet')
    .description('Squeeze-and-Excitation networks: verify, run, measure')
    .version(version)
    .addHelpText('after', exitCodes);
  for (const command of [
    startCommand(),
    verifyCommand(),
    classifyCommand(),
    detectCommand(),
    evaluateCommand(),
    apCommand(),
    trainCommand(),
    reportCommand(),
    tablesCommand(),
    weightsCommand(),
    cacheCommand(),
    benchCommand(),
    compareCommand(),
    inspectCommand(),
    convertCommand(),
    modelsCommand(),
    planCommand(),
    profileCommand(),
    preprocessCommand(),
    quantizeCommand(),
  ])
    senet.addCommand(command);
  return senet;
}
