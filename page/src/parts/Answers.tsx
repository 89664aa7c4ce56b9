import type { Classification } from 'senet';
import { probabilities } from '#senet/classifier/top.js';
import type { Answered, Shown } from '../useAnswers.js';

interface Props {
  readonly shown: readonly (Shown | undefined)[];
  readonly answers: readonly Answered[];
  /** Whether gates are other than trained. */
  readonly changed: boolean;
  readonly ready: boolean;
}

/** What each picture is taken for, with the gates as trained and as they were changed. */
export function Answers({ shown, answers, changed, ready }: Props) {
  return (
    <section class="answers" aria-label="Answers" aria-live="polite">
      {shown.map((picture, place) =>
        picture === undefined ? null : <One key={place} title={picture.title} answer={answers[place]} changed={changed} ready={ready} />,
      )}
    </section>
  );
}

function One({ title, answer, changed, ready }: { title: string; answer: Answered; changed: boolean; ready: boolean }) {
  if (answer === undefined) return <div class="answer">{ready && <p class="how">Looking at {title} …</p>}</div>;
  if ('error' in answer)
    return (
      <div class="answer">
        <p class="problem" role="alert">
          {answer.error.message}
        </p>
      </div>
    );
  const { trained, changed: now, milliseconds } = answer;
  const told = changed && now !== trained; // the first run with other gates compiles the network anew
  const [first] = trained.top;
  const [firstNow] = now.top;
  return (
    <div class="answer">
      <p class="verdict">
        <b>{first?.label}</b> {percent(first?.probability)}
        {told && firstNow && (
          <>
            {' '}
            <span class="then">with the gates changed:</span> <b class={firstNow.index === first?.index ? '' : 'other'}>{firstNow.label}</b>{' '}
            {percent(firstNow.probability)}
          </>
        )}
      </p>
      <table>
        <caption class="hidden">The most probable classes</caption>
        <thead class="hidden">
          <tr>
            <th>Class</th>
            <th>As trained</th>
            {told && <th>Gates changed</th>}
          </tr>
        </thead>
        <tbody>
          {rows(trained, now).map(({ index, label, before, after }) => (
            <tr key={index}>
              <th scope="row">{label}</th>
              <td>
                <meter class="before" min={0} max={1} value={before} /> <span class="number">{percent(before)}</span>
              </td>
              {told && (
                <td>
                  <meter class="after" min={0} max={1} value={after} /> <span class="number">{percent(after)}</span>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="how">{Math.round(milliseconds)} ms from file to answer</p>
    </div>
  );
}

/** The five most probable as trained, and the first one now should it be none of them. */
function rows(trained: Classification, now: Classification) {
  const after = probabilities(now.logits);
  const before = probabilities(trained.logits);
  const [first] = now.top;
  const all = first && !trained.top.some(({ index }) => index === first.index) ? [...trained.top, first] : trained.top;
  return all.map(({ index, label }) => ({ index, label, before: before[index] as number, after: after[index] as number }));
}

const percent = (share = 0): string => `${(100 * share).toFixed(share > 0.0995 || share === 0 ? 0 : 1)} %`;
