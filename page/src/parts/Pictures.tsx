import { useEffect, useRef, useState } from 'preact/hooks';
import { samples } from '../samples.js';
import type { Shown } from '../useAnswers.js';
import { FileButton } from './FileButton.js';

interface Props {
  readonly shown: readonly (Shown | undefined)[];
  /** Some pictures are for one network alone. */
  readonly network: string;
  onFiles(files: readonly File[], place: number): void;
  onSample(name: string, place: number): void;
  onFrame(shown: Shown, place: number): void;
  onRemove(place: number): void;
}

/** Two places for pictures: dropped, pasted, chosen, taken, or of those that ship. */
export function Pictures(props: Props) {
  return (
    <section class="pictures" aria-label="Pictures">
      {[0, 1].map((place) => (
        <Place key={place} {...props} place={place} shown={props.shown[place]} />
      ))}
    </section>
  );
}

function Place({
  place,
  shown,
  network,
  onFiles,
  onSample,
  onFrame,
  onRemove,
}: Omit<Props, 'shown'> & { readonly place: number; readonly shown: Shown | undefined }) {
  const [over, setOver] = useState(false);
  const [camera, setCamera] = useState(false);
  const offered = samples.filter((sample) => sample.network === undefined || sample.network === network);
  const which = place === 0 ? 'First picture' : 'Second picture, to compare';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has its buttons beside it
    <div
      class={`place${over ? ' over' : ''}`}
      onDragEnter={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        onFiles([...(event.dataTransfer?.files ?? [])], place);
      }}
    >
      <h2>{which}</h2>
      {camera ? (
        <Camera
          onTaken={(frame) => {
            setCamera(false);
            onFrame(frame, place);
          }}
          onClose={() => setCamera(false)}
        />
      ) : shown === undefined ? (
        <p class="empty">Drop or paste a photograph here</p>
      ) : (
        <img src={shown.url} alt={shown.title} />
      )}
      <div class="buttons">
        <FileButton label="Choose a file" accept="image/jpeg,image/png,image/webp" onFile={(file) => onFiles([file], place)} />
        {'mediaDevices' in navigator && (
          <button type="button" onClick={() => setCamera((open) => !open)}>
            Camera
          </button>
        )}
        {place === 1 && shown !== undefined && (
          <button type="button" onClick={() => onRemove(place)}>
            Remove
          </button>
        )}
      </div>
      <div class="samples">
        {offered.map(({ name, title, url }) => (
          <button key={name} type="button" class="sample" aria-label={`Take the picture of ${title}`} onClick={() => onSample(name, place)}>
            <img src={url} alt="" />
          </button>
        ))}
      </div>
    </div>
  );
}

/** The device's camera: a frame is taken at its full size, as the browser gives it. */
function Camera({ onTaken, onClose }: { onTaken(shown: Shown): void; onClose(): void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [ready, setReady] = useState(false); // until the first frame is there, the video has no size
  const [refused, setRefused] = useState<string | undefined>(undefined);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let gone = false;
    navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).then(
      (opened) => {
        stream = opened;
        if (gone) stop();
        else if (video.current) video.current.srcObject = opened;
      },
      (error: Error) => setRefused(`The camera cannot be used (${error.message}). Allow it in the browser’s settings, or choose a file.`),
    );
    const stop = (): void => stream?.getTracks().forEach((track) => void track.stop());
    return () => {
      gone = true;
      stop();
    };
  }, []);

  function take(): void {
    const { videoWidth: width, videoHeight: height } = video.current as HTMLVideoElement;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.drawImage(video.current as HTMLVideoElement, 0, 0);
    const picture = context.getImageData(0, 0, width, height);
    canvas.convertToBlob().then((blob) => onTaken({ title: 'your camera’s picture', url: URL.createObjectURL(blob), picture }));
  }

  if (refused !== undefined)
    return (
      <p class="empty" role="alert">
        {refused}
      </p>
    );
  return (
    <div class="camera">
      <video ref={video} autoplay playsInline muted onLoadedData={() => setReady(true)} />
      <div class="buttons">
        <button type="button" disabled={!ready} onClick={take}>
          Take it
        </button>
        <button type="button" onClick={onClose}>
          Close the camera
        </button>
      </div>
    </div>
  );
}
