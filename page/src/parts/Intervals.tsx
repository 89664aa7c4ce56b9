interface Row {
  readonly label: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

interface Props {
  readonly title: string;
  readonly unit: string;
  /** What no difference is. */
  readonly zero: number;
  readonly rows: readonly Row[];
}

/** Medians as points and their intervals as lines, on one axis. */
export function Intervals({ title, unit, zero, rows }: Props) {
  const ends = [zero, ...rows.flatMap(({ low, high }) => [low, high])];
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const margin = 0.08 * (most - least || 1);
  const at = (value: number): string => `${(100 * (value - least + margin)) / (most - least + 2 * margin)}%`;
  const text = (value: number): string => `${value.toFixed(2)}${unit}`;
  return (
    <figure class="intervals">
      <figcaption>{title}</figcaption>
      {rows.map(({ label, median, low, high }) => (
        <div key={label} class="interval">
          <span class="name">{label}</span>
          <span class="axis">
            <i class="zero" style={{ '--at': at(zero) }} />
            <i class="line" style={{ '--low': at(low), '--high': at(high) }} />
            <i class="point" style={{ '--at': at(median) }} />
          </span>
          <span class="value">
            <b>{text(median)}</b> ({text(low)} to {text(high)})
          </span>
        </div>
      ))}
    </figure>
  );
}
