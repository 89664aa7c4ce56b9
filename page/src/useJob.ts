import { useEffect, useRef, useState } from 'preact/hooks';
import { begin, type Heard, type Job } from './work/jobs.js';

/** A job under way: what it said last, and what begins and ends it. */
export function useJob(hear: (heard: Heard) => void) {
  const [progress, setProgress] = useState<string | undefined>(undefined);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const end = useRef<(() => void) | undefined>(undefined);
  useEffect(() => () => end.current?.(), []);
  return {
    progress,
    problem,
    begin(job: Job) {
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
