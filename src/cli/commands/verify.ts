import { Command, Option } from 'commander';
import { enablePairedVectors } from '../../node/engine.js';
import { note, print, printJson } from '../../node/output.js';
import { shippedVectors, verify } from '../../node/verify/file.js';
import type { VerifyOptions } from '../../node/verify/options.js';
import { type Verdict, verdictTable } from '../../report/verdict.js';
import { algorithmsOption, kernelsOption, revectorizeOption, threadsOption } from '../options.js';

/** `senet verify`: conformance vectors against the kernels or the reference. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description("check networks against PyTorch's float64 outputs (without files: the three vectors that ship with the package)")
    .argument('[file...]', 'conformance vectors (JSON)')
    .addOption(
      new Option('--engine <name>', 'the kernels, or the readable reference (some 25 s a network)')
        .choices(['wasm', 'reference'])
        .default('wasm'),
    )
    .addOption(kernelsOption())
    .addOption(algorithmsOption('direct'))
    .addOption(threadsOption())
    .addOption(revectorizeOption())
    .option('--json', 'print verdicts as JSON')
    .action(
      async (files: string[], { json, revectorize, ...options }: VerifyOptions & { readonly json?: true; readonly revectorize?: true }) => {
        if (revectorize) enablePairedVectors();
        const verdicts: Verdict[] = [];
        let unusable = false;
        for (const file of files.length > 0 ? files : shippedVectors) {
          note(`verifying ${file} (${options.engine})`);
          const { verdict, badInput } = await verify(file, options);
          verdicts.push(verdict);
          unusable ||= badInput;
        }
        if (json) printJson(verdicts);
        else print(verdictTable(verdicts));
        process.exitCode = unusable ? 2 : verdicts.every(({ pass }) => pass) ? 0 : 1;
      },
    );
}
