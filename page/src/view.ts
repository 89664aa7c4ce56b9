import { type Side, sides } from './detector/messages.js';
import { leastScore } from './detector/seen.js';
import { type Change, type Target, targets } from './gates.js';

/** What a link to the page says: all that does not come from the visitor's own files. */
export interface View extends Change {
  /** A network of networks.ts. */
  readonly network: string;
  /** Shipped pictures by name, of the first place and of the second. */
  readonly pictures: readonly (string | undefined)[];
  /** The gate and the channel that are looked at. */
  readonly channel: Looked | undefined;
  /** Of what a detector finds, only things of greater scores are shown. */
  readonly score: number;
  /** How large a detector has its pictures. */
  readonly side: Side;
}

export interface Looked {
  readonly gate: string;
  readonly channel: number;
}

export const firstView: View = {
  network: 'cifar10',
  pictures: ['chelsea', undefined],
  target: 'one',
  amount: 0,
  kept: [],
  channel: undefined,
  score: 0.5,
  side: '320',
};

/** @param hash of a URL, with or without its #; what it does not say, or says wrongly, is as in `firstView` */
export function readView(hash: string): View {
  const said = new URLSearchParams(hash.replace(/^#/, ''));
  const target = said.get('gates') ?? '';
  const amount = Number(said.get('amount') ?? 0);
  const score = Number(said.get('score') ?? firstView.score);
  const [, gate, channel] = /^(.+):(\d{1,6})$/.exec(said.get('channel') ?? '') ?? [];
  const names = said.get('pictures')?.split(',');
  return {
    network: said.get('network') || firstView.network,
    pictures: names === undefined ? firstView.pictures : [names[0] || undefined, names[1] || undefined],
    target: target in targets ? (target as Target) : firstView.target,
    amount: amount >= 0 && amount <= 1 ? amount : 0,
    kept: said.get('kept')?.split(',').filter(Boolean) ?? [],
    channel: gate === undefined ? undefined : { gate, channel: Number(channel) },
    score: score >= leastScore && score <= 1 ? score : firstView.score,
    side: sides.find((side) => side === said.get('size')) ?? firstView.side,
  };
}

/** The hash of a link to a view, `#` in front; empty for the first one. */
export function hashOf({ network, pictures, target, amount, kept, channel, score, side }: View): string {
  const said = new URLSearchParams();
  if (network !== firstView.network) said.set('network', network);
  if (pictures.join() !== firstView.pictures.join()) said.set('pictures', pictures.map((name) => name ?? '').join());
  if (target !== firstView.target) said.set('gates', target);
  if (amount !== 0) said.set('amount', String(Number(amount.toFixed(3))));
  if (kept.length > 0) said.set('kept', kept.join());
  if (channel !== undefined) said.set('channel', `${channel.gate}:${channel.channel}`);
  if (score !== firstView.score) said.set('score', String(Number(score.toFixed(3))));
  if (side !== firstView.side) said.set('size', side);
  const text = said.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return text === '' ? '' : `#${text}`;
}
