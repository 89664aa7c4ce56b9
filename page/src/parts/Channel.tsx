import type { Answer } from '../useAnswers.js';
import type { Looked } from '../view.js';

interface Props {
  readonly answers: readonly Answer[];
  readonly titles: readonly string[];
  readonly looked: Looked | undefined;
}

/** One channel: its squeezed value, the block's hidden units and its gate, in the formula and in numbers. */
export function Channel({ answers, titles, looked }: Props) {
  return (
    // it scrolls where it is long, which a keyboard must reach
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class={`channel${looked === undefined ? '' : ' looked'}`} aria-labelledby="channel" aria-live="polite" tabIndex={0}>
      <h2 id="channel">One channel</h2>
      {looked === undefined ? (
        <p class="about">No channel is chosen yet.</p>
      ) : (
        answers.map((answer, i) => <One key={titles[i]} answer={answer} title={titles[i] ?? ''} {...looked} />)
      )}
    </section>
  );
}

function One({ answer, title, gate, channel }: { readonly answer: Answer; readonly title: string } & Looked) {
  const values = answer.trained.gates.get(gate);
  const { squeezed, hidden } = answer.trained.excitations.get(gate) ?? {};
  const s = values?.[channel];
  if (s === undefined) return <p class="about">This network has no such channel.</p>;
  const alive = hidden?.reduce((count, unit) => count + Number(unit > 0), 0) ?? 0;
  const largest = hidden?.reduce((most, unit) => Math.max(most, unit), 0) ?? 0;
  return (
    <div class="formula">
      <h3>
        {title}: {gate}, channel {channel} of {values?.length}
      </h3>
      {squeezed && hidden && (
        <>
          <p>
            <span class="step">squeeze</span> <i>z</i> = mean of the channel over its plane = <b>{squeezed[channel]?.toFixed(4)}</b>
          </p>
          <p>
            <span class="step">excite</span> <i>h</i> = ReLU(<i>W</i>
            <sub>1</sub>
            <i>z</i> + <i>b</i>
            <sub>1</sub>): {hidden.length} hidden units, {alive} of them above zero
            <span class="units" aria-hidden="true">
              {Array.from(hidden, (unit, k) => (
                <i key={k} style={{ '--height': `${largest === 0 ? 0 : (100 * unit) / largest}%` }} />
              ))}
            </span>
          </p>
        </>
      )}
      <p>
        <span class="step">gate</span> <i>s</i> = σ(<i>w</i>
        <sub>2</sub> · <i>h</i> + <i>b</i>
        <sub>2</sub>) = <b>{s.toFixed(4)}</b>: the channel is multiplied by it
      </p>
    </div>
  );
}
