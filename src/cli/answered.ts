import { rm } from 'node:fs/promises';
import type { Classifier } from '../classifier/classifier.js';
import { protocolOf } from '../classifier/protocol.js';
import { InputError } from '../errors.js';
import { type Entry, entryOf, mostProbable } from '../node/evaluationEntry.js';
import { evaluationJournal, stoppedText } from '../node/evaluationJournal.js';
import type { Example } from '../node/images/dataset.js';
import { catchInterrupt } from '../node/interrupt.js';
import { type Journal, keyOf } from '../node/journal.js';
import { note } from '../node/output.js';
import { version } from '../node/package.js';
import type { Evaluation } from '../report/evaluation.js';
import { costText, type ProtocolReport } from '../report/protocol.js';
import { evaluationProgress, type ProgressForm } from './evaluationProgress.js';
import { type MemberFlags, openAnswerer, protocolOptions } from './members.js';
import type { OpenNetwork } from './network.js';
import { classifyFile, type RunFlags } from './run.js';

/** Which networks are evaluated, how they are run, and where what is done is noted. */
export interface EvaluationFlags extends MemberFlags, RunFlags {
  readonly tolerant?: boolean;
  readonly journal?: string;
  readonly queue?: string;
  readonly progress?: ProgressForm;
}

/** What became of the images, or of as many as there was time for. */
export interface Answered {
  readonly entries: readonly Entry[];
  readonly protocol: ProtocolReport;
  /** What to say if these are not all. */
  readonly stopped: string;
  /** Removes what was noted for the next start, now that all is said. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** Whoever classifies; `data` is where the images lie. */
export type Answer = (
  data: string,
  networks: readonly OpenNetwork[],
  members: Evaluation['members'],
  flags: EvaluationFlags,
  examples: readonly Example[],
) => Promise<Answered>;

/** This process; it notes in a journal. */
export const answerHere: Answer = async (data, networks, members, flags, examples) => {
  const { kernels, algorithms, tolerant, memberWeights } = flags;
  const listed = examples.map(({ name, label }) => [name, label]);
  const key = keyOf({
    version,
    data,
    members: networks.map(({ id, takenFrom, preset }, i) => ({
      id,
      sha256: members[i]?.weights.sha256,
      takenFrom,
      preset,
      protocol: protocolOf(protocolOptions(flags), preset),
    })),
    memberWeights,
    kernels,
    algorithms,
    tolerant,
    listed,
  });
  const journal = evaluationJournal(flags.journal, key, entryOf(examples, (networks[0] as OpenNetwork).classes));
  const { entries, protocol } = await classifyAll(networks, flags, examples, journal).finally(() => journal?.close());
  return {
    entries,
    protocol,
    stopped: stoppedText(entries.length, examples.length, journal),
    forget: async () => {
      if (journal && flags.journal === undefined) await rm(journal.file, { force: true });
    },
    close: async () => undefined,
  };
};

/** Classifies what the journal does not have yet, until the end or Ctrl-C. */
async function classifyAll(
  networks: readonly OpenNetwork[],
  flags: EvaluationFlags,
  examples: readonly Example[],
  journal: Journal<Entry> | undefined,
): Promise<{ readonly entries: readonly Entry[]; readonly protocol: ProtocolReport }> {
  const classified = journal?.done.filter((entry) => !('error' in entry)) ?? []; // an image that was missing may be there now
  const entries = new Map(classified.map((entry) => [entry.index, entry]));
  if (journal && entries.size > 0) note(`resuming after ${entries.size} of ${examples.length} images (${journal.file})`);
  using classifier = await openAnswerer(networks, flags, { orient: false, tolerant: flags.tolerant === true, top: mostProbable });
  using interrupt = catchInterrupt('SIGINT');
  const progress = evaluationProgress(flags.progress, examples.length, entries.size);
  for (const [index, example] of examples.entries()) {
    if (entries.has(index)) continue;
    if (interrupt.caught()) break;
    const entry = await classify(classifier, index, example);
    journal?.add(entry);
    entries.set(index, entry);
    progress.next(entries.size);
  }
  const done = progress.end();
  if (done !== undefined) note(`${done}, ${costText(classifier.protocol)}`);
  await classifier.keep();
  return { entries: [...entries.values()], protocol: classifier.protocol };
}

async function classify(classifier: Pick<Classifier, 'classify'>, index: number, { name, path, label }: Example): Promise<Entry> {
  try {
    const { top } = await classifyFile(classifier, path);
    return { index, name, label, top: top.map((one) => one.index) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { index, name, error: error.message };
  }
}
