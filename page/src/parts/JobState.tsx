/** How far a job is, or why it ended. */
export function JobState({ progress, problem }: { readonly progress: string | undefined; readonly problem: string | undefined }) {
  return (
    <>
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
