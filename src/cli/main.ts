#!/usr/bin/env node
import { Command } from 'commander';
import { benchCommand } from './bench.js';
import { cacheCommand } from './cache.js';
import { classifyCommand } from './classify.js';
import { compareCommand } from './compare.js';
import { convertCommand } from './convert.js';
import { enableRelaxed } from './engine.js';
import { evaluateCommand } from './evaluate.js';
import { inspectCommand } from './inspect.js';
import { modelsCommand } from './models.js';
import { version } from './package.js';
import { planCommand } from './plan.js';
import { preprocessCommand } from './preprocess.js';
import { profileCommand } from './profile.js';
import { reportCommand } from './report.js';
import { runCommand } from './runCommand.js';
import { startCommand } from './start.js';
import { trainCommand } from './train.js';
import { verifyCommand } from './verify.js';
import { weightsCommand } from './weights.js';

const exitCodes = `
Exit codes: 0 fine, 1 a check failed, 2 wrong use or bad input.`;

function program(): Command {
  const senet = new Command('senet')
    .description('Squeeze-and-Excitation networks: verify, run, measure')
    .version(version)
    .addHelpText('after', exitCodes);
  for (const command of [
    startCommand(),
    verifyCommand(),
    classifyCommand(),
    evaluateCommand(),
    trainCommand(),
    reportCommand(),
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
  ])
    senet.addCommand(command);
  return senet;
}

enableRelaxed();
await runCommand(program());
