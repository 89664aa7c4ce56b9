import { Option } from 'commander';
import { type Average, averages } from '../classifier/average.js';
import type { Classifier, RunOptions } from '../classifier/classifier.js';
import { checkSameClasses, createEnsemble, sharesOf } from '../classifier/ensemble.js';
import { graphOf } from '../classifier/graphOf.js';
import { protocolOf } from '../classifier/protocol.js';
import { type CropCount, cropCounts } from '../classifier/views.js';
import { InputError, naming } from '../errors.js';
import { count } from '../graph/count.js';
import { type ProtocolReport, protocolReport } from '../report/protocol.js';
import type { Disposed } from '../wasm/session.js';
import { type NetworkFlags, networkOptions, type OpenNetwork, openNetwork } from './network.js';
import { counts, positives } from './options.js';
import { openClassifier, type RunFlags } from './run.js';

/** Which networks answer, and which views of an image they see. */
export interface MemberFlags extends Omit<NetworkFlags, 'model' | 'weights'> {
  readonly model?: readonly string[];
  readonly weights?: readonly string[];
  readonly memberWeights?: readonly number[];
  readonly crops?: `${CropCount}`;
  readonly scales?: readonly number[];
  readonly average?: Average;
}

export const memberOptions = (): readonly Option[] => [
  ...networkOptions(),
  new Option('--member-weights <list>', 'of an ensemble: a number for each member, separated by commas (default: all the same)').argParser(
    positives,
  ),
  new Option(
    '--crops <number>',
    'views of each scale: the centre, with its mirror image, four corners and the centre, these mirrored too; 144 of four scales (default: 1)',
  ).choices(cropCounts.map(String)),
  new Option('--scales <list>', "shorter sides in pixels, separated by commas (default: the weights' own)")
    .argParser(counts)
    .conflicts('crop'),
  new Option('--average <what>', 'what is averaged over views and members (default: probabilities)').choices(averages),
];

/** Whether the flags ask for more than one view by one network. */
export const isPlain = ({ crops, scales, average, ...flags }: MemberFlags): boolean =>
  membersOf(flags).length === 1 && crops === undefined && scales === undefined && average === undefined;

/** What the flags say of the views, as the library takes it. */
export const protocolOptions = ({ crops, scales, average }: MemberFlags) => ({
  ...(crops !== undefined && { crops: Number(crops) as CropCount }),
  ...(scales !== undefined && { scales }),
  ...(average !== undefined && { average }),
});

/** Networks and files by their place. @throws InputError where there are not as many of one as of the other */
export function membersOf({ model = [], weights = [] }: MemberFlags): readonly Pick<NetworkFlags, 'model' | 'weights'>[] {
  if (model.length > 0 && weights.length > 0 && model.length !== weights.length)
    throw new InputError(`expected as many --model as --weights, or none, found ${model.length} and ${weights.length}`);
  const members = Math.max(1, model.length, weights.length);
  return Array.from({ length: members }, (_, i) => ({
    ...(model[i] !== undefined && { model: model[i] }),
    ...(weights[i] !== undefined && { weights: weights[i] }),
  }));
}

/**
 * The networks that the flags name, each with its file open.
 *
 * @throws as `openNetwork`; InputError for views that a network cannot take, or weights of members that are none
 */
export async function openMembers(flags: MemberFlags): Promise<readonly OpenNetwork[]> {
  const members = membersOf(flags);
  const { model: _, weights: __, memberWeights, ...rest } = flags;
  if (memberWeights) naming('--member-weights', () => sharesOf(memberWeights, members.length));
  const open: OpenNetwork[] = [];
  try {
    for (const member of members) {
      const network = await openNetwork({ ...rest, ...member });
      open.push(network);
      naming(network.name, () => protocolOf(protocolOptions(flags), network.preset));
    }
    checkSameClasses(open);
    return open;
  } catch (error) {
    for (const network of open) await network.close();
    throw error;
  }
}

/** The protocol that `openAnswerer` would tell, without compiling anything. */
export function protocolOfMembers(networks: readonly OpenNetwork[], flags: MemberFlags): ProtocolReport {
  const seen = networks.map((network) => {
    const protocol = protocolOf(protocolOptions(flags), network.preset);
    const { macs } = count(graphOf(network));
    return { network, protocol: { ...protocol, macs: macs * protocol.views } };
  });
  return protocolReport(seen, sharesOf(flags.memberWeights ?? networks.map(() => 1), networks.length));
}

/** What answers: a network, or several as one. */
export interface Answerer extends Pick<Classifier, 'classify'>, Disposed {
  readonly protocol: ProtocolReport;
  /** Of the first member. */
  readonly session: Classifier['session'];
  /** As of `OpenClassifier`. */
  keep(): Promise<void>;
}

/** The networks compiled, and their files closed. @throws as `openClassifier`; InputError for members of other classes */
export async function openAnswerer(
  networks: readonly OpenNetwork[],
  flags: MemberFlags & RunFlags,
  options: RunOptions,
): Promise<Answerer> {
  const open: Awaited<ReturnType<typeof openClassifier>>[] = [];
  try {
    for (const network of networks) open.push(await openClassifier(network, flags, { ...options, ...protocolOptions(flags) }));
    const { average, memberWeights } = flags;
    const { top } = options;
    const ensemble = createEnsemble(open, {
      ...(memberWeights && { weights: memberWeights }),
      ...(average && { average }),
      ...(top !== undefined && { top }),
    });
    const [first] = open as [(typeof open)[0]];
    return {
      classify: open.length === 1 ? first.classify : ensemble.classify,
      protocol: protocolReport(open, ensemble.weights),
      session: first.session,
      keep: async () => {
        for (const classifier of open) await classifier.keep();
      },
      [Symbol.dispose]: ensemble.dispose,
    };
  } catch (error) {
    for (const classifier of open) classifier.dispose();
    for (const network of networks.slice(open.length + 1)) await network.close();
    throw error;
  }
}

/** What an ensemble is called. */
export const nameOf = (networks: readonly Pick<OpenNetwork, 'name'>[]): string => networks.map(({ name }) => name).join(' + ');
