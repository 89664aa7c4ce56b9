import type { ComponentChildren } from 'preact';
import type { RunningJob } from '../useJob.js';

interface Props {
  readonly job: RunningJob;
  /** On the button that begins it. */
  readonly label: string;
  readonly disabled?: boolean;
  onBegin(): void;
  /** More buttons. */
  readonly children?: ComponentChildren;
}

/** The button that begins or stops a job, how far it is, and why it failed. */
export function JobControl({ job: { progress, problem, stop }, label, disabled = false, onBegin, children }: Props) {
  return (
    <>
      <div class="row">
        {progress === undefined ? (
          <button type="button" disabled={disabled} onClick={onBegin}>
            {label}
          </button>
        ) : (
          <button type="button" onClick={stop}>
            Stop
          </button>
        )}
        {children}
      </div>
      <p class="how" role="status">
        {progress}
      </p>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
