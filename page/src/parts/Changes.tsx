import type { Gates } from 'senet';
import { stagesOf, type Target, targets } from '../gates.js';
import type { View } from '../view.js';

interface Props {
  readonly view: View;
  readonly gates: Gates;
  onChange(change: Partial<View>): void;
}

/** What SE does, by taking it away: from the gates as trained to others, for some stages or for all. */
export function Changes({ view, gates, onChange }: Props) {
  const stages = stagesOf(gates);
  return (
    <section class="changes" aria-labelledby="changes">
      <h2 id="changes">Take the gates away</h2>
      <p class="about">
        The gates of this picture move from what the network chose to what you choose; the rest of the network stays as it is. See how much
        of the answer was theirs.
      </p>
      <div class="row">
        <label>
          Gates become{' '}
          <select value={view.target} onChange={({ currentTarget }) => onChange({ target: currentTarget.value as Target })}>
            {Object.entries(targets).map(([name, title]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label class="slider">
          <span>as trained</span>
          <input
            type="range"
            aria-label="How far the gates are changed"
            aria-valuetext={`${Math.round(100 * view.amount)} per cent`}
            min={0}
            max={1}
            step={0.01}
            value={view.amount}
            onInput={({ currentTarget }) => onChange({ amount: Number(currentTarget.value) })}
          />
          <span>{Math.round(100 * view.amount)} %</span>
        </label>
        <button type="button" disabled={view.amount === 0 && view.kept.length === 0} onClick={() => onChange({ amount: 0, kept: [] })}>
          Back to trained
        </button>
      </div>
      <fieldset>
        <legend>In stages</legend>
        {stages.map((stage) => (
          <label key={stage} class="check">
            <input
              type="checkbox"
              checked={!view.kept.includes(stage)}
              onChange={({ currentTarget: { checked } }) =>
                onChange({ kept: checked ? view.kept.filter((name) => name !== stage) : [...view.kept, stage] })
              }
            />
            {stage}
          </label>
        ))}
      </fieldset>
    </section>
  );
}
