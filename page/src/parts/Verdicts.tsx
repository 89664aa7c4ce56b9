import { useState } from 'preact/hooks';
import type { Verified } from '../jobs/job.js';
import { useJob } from '../useJob.js';
import { JobControl } from './JobControl.js';

/** Whether networks compute in this browser what PyTorch computes in float64. */
export function Verdicts() {
  const [rows, setRows] = useState<readonly Verified[]>([]);
  const job = useJob((heard) => {
    if (heard.kind === 'verified') setRows((now) => [...now, heard.row]);
  });
  return (
    <section class="device" aria-labelledby="verify">
      <h2 id="verify">Is it right, in this browser?</h2>
      <p class="about">
        Three networks on generated weights, against what PyTorch computed for them in float64. Strict kernels must also give the very bits
        that they gave in Node. It takes some seconds and hundreds of megabytes of memory.
      </p>
      <JobControl
        job={job}
        label="Verify"
        onBegin={() => {
          setRows([]);
          job.begin({ kind: 'verify' });
        }}
      />
      {rows.length > 0 && (
        <table class="figures">
          <thead>
            <tr>
              <th>Network</th>
              <th>Error, of the largest logit</th>
              <th>Largest error of a gate</th>
              <th>Limit</th>
              <th>Bits of Node</th>
              <th>Verdict</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ model, relativeError, gates, limit, sameBits, pass }) => (
              <tr key={model}>
                <th scope="row">{model}</th>
                <td>{shown(relativeError)}</td>
                <td>{Object.keys(gates).length === 0 ? 'no gates' : shown(worst(Object.values(gates)))}</td>
                <td>{shown(limit)}</td>
                <td>{sameBits === undefined ? 'not recorded' : sameBits ? 'the same' : 'others'}</td>
                <td>{pass ? 'right' : 'WRONG'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const shown = (error: number | null): string => (error === null ? 'not a number' : error.toExponential(1));
const worst = (errors: readonly (number | null)[]): number | null =>
  errors.reduce<number | null>((most, error) => (most === null || error === null ? null : Math.max(most, error)), 0);
