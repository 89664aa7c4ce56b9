import { useEffect, useRef, useState } from 'preact/hooks';
import { begin, type Heard, type Job } from './jobs/job.js';

/** A job that can be begun and stopped. */
export interface RunningJob {
  /** What it said last; undefined while none runs. */
  readonly progress: string | undefined;
  /** Why the last one failed. */
  readonly problem: string | undefined;
  begin(job: Job): void;
  stop(): void;
}

export function useJob(hear: (heard: Heard) => void): RunningJob {
  const [progress, setProgress] = useState<string | undefined>(undefined);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const end = useRef<(() => void) | undefined>(undefined);
  useEffect(() => () => end.current?.(), []);
  return {
    progress,
    problem,
    begin(job) {
      setProblem(undefined);
      setProgress('beginning');
      end.current = begin(job, (heard) => {
        if (heard.kind === 'progress') setProgress(heard.text);
        else if (heard.kind === 'done') setProgress(undefined);
        else if (heard.kind === 'failed') {
          setProgress(undefined);
          setProblem(heard.message);
        } else hear(heard);
      });
    },
    stop() {
      end.current?.();
      setProgress(undefined);
    },
  };
}
