import { Command, Option } from 'commander';
import { readJsonAs } from '../../node/json.js';
import { print, printJson } from '../../node/output.js';
import { asset, version } from '../../node/package.js';
import { writeWhole } from '../../node/writeWhole.js';
import { tablesHtml, tablesMarkdown, tablesText } from '../../report/tables.js';
import { filledTables } from '../../tables/filled.js';
import { measuredResults } from '../../tables/measured.js';

interface Flags {
  readonly json?: true;
  readonly markdown?: true;
  readonly html?: string;
}

/** `senet tables`: the paper's tables, and what there is of them here. */
export function tablesCommand(): Command {
  return new Command('tables')
    .description(
      "print the paper's tables: its figures, what is counted and was measured here, and the commands that fill the rest given data",
    )
    .addOption(new Option('--json', 'print them as JSON').conflicts(['markdown', 'html']))
    .addOption(new Option('--markdown', 'print them as Markdown').conflicts('html'))
    .option('--html <file>', 'write them as a page, and print nothing else')
    .action(run);
}

async function run({ json, markdown, html }: Flags): Promise<void> {
  const tables = filledTables(await readJsonAs(asset('results.json'), measuredResults));
  if (html !== undefined) {
    await writeWhole(html, tablesHtml(tables, [['printed by', `senet tables, senet ${version}`]]));
    print(html);
  } else if (json) printJson({ senet: version, tables });
  else print(markdown ? tablesMarkdown(tables) : tablesText(tables));
}
