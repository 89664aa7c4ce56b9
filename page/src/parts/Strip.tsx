import { useEffect, useRef } from 'preact/hooks';
import { colourOf, shareOf } from '../colours.js';

interface Props {
  readonly name: string;
  readonly gates: ArrayLike<number>;
  readonly reach: number;
  /** The channel that is looked at, if it is one of this block. */
  readonly chosen: number | undefined;
  onLook(channel: number): void;
}

/** A block's gates as a strip of colours, along which channels are chosen. */
export function Strip({ name, gates, reach, chosen, onLook }: Props) {
  const channels = gates.length;
  const at = ({ currentTarget, clientX }: MouseEvent): number => {
    const { left, width } = (currentTarget as HTMLElement).getBoundingClientRect();
    return Math.min(Math.max(Math.floor(((clientX - left) / width) * channels), 0), channels - 1);
  };
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowDown: -1,
    ArrowUp: 1,
    PageDown: -8,
    PageUp: 8,
    Home: -channels,
    End: channels,
  };
  return (
    <div
      class="strip"
      role="slider"
      tabIndex={0}
      aria-label={`Channel of ${name}`}
      aria-valuemin={0}
      aria-valuemax={channels - 1}
      aria-valuenow={chosen ?? 0}
      aria-valuetext={`channel ${chosen ?? 0}: gate ${(gates[chosen ?? 0] as number).toFixed(3)}`}
      onPointerMove={(event) => event.pointerType === 'mouse' && onLook(at(event))}
      onClick={(event) => onLook(at(event))}
      onKeyDown={(event) => {
        const move = moves[event.key];
        if (move === undefined) return;
        event.preventDefault();
        onLook(Math.min(Math.max((chosen ?? 0) + move, 0), channels - 1));
      }}
    >
      <Colours gates={gates} reach={reach} />
      {chosen !== undefined && <i class="mark" style={{ '--at': `${(100 * (chosen + 0.5)) / channels}%` }} />}
    </div>
  );
}

/** Gates as colours, a pixel per channel, stretched. */
export function Colours({ gates, reach }: Pick<Props, 'gates' | 'reach'>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const channels = gates.length;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const pixels = context.createImageData(channels, 1);
    for (let c = 0; c < channels; c++) pixels.data.set([...colourOf(shareOf(gates[c] as number, reach)), 255], 4 * c);
    context.putImageData(pixels, 0, 0);
  }, [gates, reach, channels]);
  return <canvas ref={canvas} width={channels} height={1} />;
}
