import type { Ensemble } from '../classifier/ensemble.js';
import type { Protocol } from '../classifier/protocol.js';
import type { Preset } from '../pretrained/preset.js';

/** Which views of a picture which networks take, and what that costs: for `--json`. */
export interface ProtocolReport extends Pick<Protocol, 'crops' | 'average' | 'views' | 'macs'> {
  readonly members: readonly (Pick<Protocol, 'scales' | 'views' | 'macs'> & {
    readonly model: string;
    /** The share of its answer, from 0 to 1. */
    readonly weight: number;
    /** The side of its image, in pixels. */
    readonly size: number;
  })[];
}

/** What is told of a network. */
interface Seeing {
  readonly network: { readonly name: string; readonly preset: Pick<Preset, 'size'> };
  readonly protocol: Protocol;
}

/** @param weights one for each member, which add up to 1 */
export function protocolReport(members: readonly Seeing[], weights: Ensemble['weights']): ProtocolReport {
  const [{ protocol }] = members as [Seeing];
  const sum = (key: 'views' | 'macs'): number => members.reduce((total, member) => total + member.protocol[key], 0);
  return {
    crops: protocol.crops,
    average: protocol.average,
    views: sum('views'),
    macs: sum('macs'),
    members: members.map(({ network: { name, preset }, protocol: { scales, views, macs } }, i) => ({
      model: name,
      weight: weights[i] as number,
      size: preset.size,
      scales,
      views,
      macs,
    })),
  };
}

/** `10 views and 18.2 GFLOPs an image`, multiply-adds being what the paper calls FLOPs. */
export const costText = ({ views, macs }: Pick<ProtocolReport, 'views' | 'macs'>): string =>
  `${views} view${views === 1 ? '' : 's'} and ${(macs / 1e9).toPrecision(3)} GFLOPs (multiply-adds) per image`;
