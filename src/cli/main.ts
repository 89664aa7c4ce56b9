#!/usr/bin/env node
import { enableRelaxed } from '../node/engine.js';
import { program } from './program.js';
import { runCommand } from './runCommand.js';

enableRelaxed();
await runCommand(program());
