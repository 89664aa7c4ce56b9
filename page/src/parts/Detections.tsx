import type { DetectorLink } from '../detector/link.js';
import { type DetectorFacts, type Side, sides } from '../detector/messages.js';
import { leastScore } from '../detector/seen.js';
import type { Shown } from '../useAnswers.js';
import type { View } from '../view.js';
import { Sighting } from './Sighting.js';

interface Props {
  readonly facts: DetectorFacts;
  readonly link: DetectorLink;
  readonly shown: readonly (Shown | undefined)[];
  readonly score: number;
  readonly side: Side;
  onChange(change: Partial<View>): void;
}

/** What a detector finds on each picture, and how much of it is shown. */
export function Detections({ facts, link, shown, score, side, onChange }: Props) {
  const titles: Readonly<Record<Side, string>> = { 320: '320 pixels: fast', own: `${facts.ownSide} pixels: the network’s own` };
  return (
    <>
      <section class="detections" aria-labelledby="detections">
        <h2 id="detections">What it finds</h2>
        <p class="about">
          Point at a box or at its line in the list, or move through them with the arrow keys.{' '}
          {facts.se
            ? 'The SE blocks of this detector’s trunk have gates for each picture; they are not shown for detectors.'
            : 'This detector’s trunk has no SE blocks, so there are no gates to show.'}
        </p>
        <div class="row">
          <label class="slider">
            <span>Scores above</span>
            <input
              type="range"
              aria-valuetext={`${Math.round(100 * score)} per cent`}
              min={leastScore}
              max={1}
              step={0.01}
              value={score}
              onInput={({ currentTarget }) => onChange({ score: Number(currentTarget.value) })}
            />
            <span>{Math.round(100 * score)} %</span>
          </label>
          <label>
            Shorter side{' '}
            <select value={side} onChange={({ currentTarget }) => onChange({ side: currentTarget.value as Side })}>
              {sides.map((name) => (
                <option key={name} value={name}>
                  {titles[name]}
                </option>
              ))}
            </select>
          </label>
        </div>
      </section>
      <section class="sightings" aria-label="Things found">
        {shown.map((picture) => picture && <Sighting key={picture.url} link={link} shown={picture} score={score} />)}
      </section>
    </>
  );
}
