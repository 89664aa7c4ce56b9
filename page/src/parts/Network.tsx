import { Fragment } from 'preact';
import { colourOf, shareOf } from '../colours.js';
import { type Change, changed, stageOf } from '../gates.js';
import type { Answer } from '../useAnswers.js';
import type { Looked } from '../view.js';
import { Colours, Strip } from './Strip.js';

interface Props {
  readonly answers: readonly Answer[];
  /** What the colours reach to, on both sides of one half. */
  readonly reach: number;
  readonly change: Change;
  readonly looked: Looked | undefined;
  onLook(looked: Looked): void;
}

/** The network from the image on, an SE block a row: its gates as a strip of colours per picture. */
export function Network({ answers, reach, change, looked, onLook }: Props) {
  const gates = answers.map(({ trained }) => trained.gates);
  const now = change.amount > 0 ? gates.map((all) => changed(all, change)) : [];
  const [first] = gates;
  let stage = '';
  return (
    <section class="network" aria-labelledby="network">
      <h2 id="network">Its gates, block by block</h2>
      <p class="about">
        Each strip is an SE block, each column one of its channels. Point at a channel, or move through them with the arrow keys, to see its
        numbers below. A thin strip has the gates as you changed them.
      </p>
      <Legend reach={reach} />
      <ol>
        {[...(first?.keys() ?? [])].map((name) => {
          const begins = stageOf(name) !== stage;
          stage = stageOf(name);
          const values = gates.map((all) => all.get(name) as ArrayLike<number>);
          return (
            <li key={name} class={begins ? 'begins' : ''}>
              <div class="block">
                <span class="name">{name.replace(/\.(gate|sigmoid|scale_activation)$/, '')}</span>
                <span class="size">
                  {values[0]?.length} channels{values.length > 1 ? `; the pictures differ by ${meanDifference(values).toFixed(3)}` : ''}
                </span>
              </div>
              <div class="strips">
                {values.map((picture, i) => (
                  <Fragment key={i}>
                    <Strip
                      name={name}
                      gates={picture}
                      reach={reach}
                      chosen={looked?.gate === name ? looked.channel : undefined}
                      onLook={(channel) => onLook({ gate: name, channel })}
                    />
                    {now[i] && <Colours gates={now[i].get(name) as ArrayLike<number>} reach={reach} />}
                  </Fragment>
                ))}
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function meanDifference([a, b]: readonly ArrayLike<number>[]): number {
  let sum = 0;
  const length = a?.length ?? 0;
  for (let c = 0; c < length; c++) sum += Math.abs((a?.[c] as number) - (b?.[c] as number));
  return sum / length;
}

function Legend({ reach }: { readonly reach: number }) {
  const at = (share: number): string => (0.5 + (2 * share - 1) * reach).toFixed(2);
  return (
    <p class="legend" role="img" aria-label={`Colours from a gate of ${at(0)}, blue, over one half, grey, to ${at(1)}, orange`}>
      <span>{at(0)}</span>
      <svg viewBox="0 0 64 1" preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: 64 }, (_, i) => (
          <rect key={i} x={i} width={1.05} height={1} fill={`rgb(${colourOf(shareOf(0.5 + (i / 63 - 0.5) * 2 * reach, reach)).join()})`} />
        ))}
      </svg>
      <span>{at(1)}</span>
    </p>
  );
}
