import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { reach } from './gates.js';
import { choices, own } from './networks.js';
import { Answers } from './parts/Answers.js';
import { Changes } from './parts/Changes.js';
import { Channel } from './parts/Channel.js';
import { Device } from './parts/Device.js';
import { Network } from './parts/Network.js';
import { Pictures } from './parts/Pictures.js';
import { Status } from './parts/Status.js';
import { samples } from './samples.js';
import { type Answer, type Shown, useAnswer } from './useAnswers.js';
import { useClassifier, type Wanted } from './useClassifier.js';
import { firstView, hashOf, readView, type View } from './view.js';

/** Two places for pictures, a network, and what its gates do. */
export function App() {
  const [view, setView] = useState<View>(() => readView(location.hash));
  const [ownPictures, setOwnPictures] = useState<readonly (Shown | undefined)[]>([undefined, undefined]);
  const [weights, setWeights] = useState<File | undefined>(undefined);
  const update = useCallback((change: Partial<View>) => setView((now) => ({ ...now, ...change })), []);

  useEffect(() => {
    const back = (): void => setView(readView(location.hash));
    addEventListener('hashchange', back);
    return () => removeEventListener('hashchange', back);
  }, []);
  useEffect(() => {
    const hash = hashOf(view);
    if (hash !== location.hash) history.replaceState(null, '', hash === '' ? location.pathname + location.search : hash);
  }, [view]);

  const wanted: Wanted = weights ?? choices.find(({ name }) => name === view.network) ?? (choices[0] as Wanted);
  const loading = useClassifier(wanted);
  const classifier = loading.phase === 'ready' ? loading.classifier : undefined;

  const first = useShown(view.pictures[0], ownPictures[0]);
  const second = useShown(view.pictures[1], ownPictures[1]);
  const answers = [useAnswer(classifier, first, view), useAnswer(classifier, second, view)] as const;
  const found = answers.filter((answer): answer is Answer => answer !== undefined && 'trained' in answer);
  const scale = useMemo(() => reach(found.map(({ trained }) => trained.gates)), [answers[0], answers[1]]);

  /** A file that was dropped, pasted or chosen: a picture into a place, or weights. */
  function take(files: readonly File[], place?: number): void {
    let next = place ?? (first === undefined || view.pictures[1] !== undefined || second !== undefined ? 0 : 1);
    for (const file of files) {
      if (!isPicture(file)) {
        setWeights(file);
        update({ network: own, channel: undefined });
        continue;
      }
      show({ title: file.name, url: URL.createObjectURL(file), picture: file }, next);
      next = 1 - next;
    }
  }

  function show(shown: Shown | undefined, place: number): void {
    setOwnPictures((now) => now.map((old, i) => (i === place ? shown : old)));
    setView((now) => ({ ...now, pictures: now.pictures.map((name, i) => (i === place ? undefined : name)) }));
  }

  function showSample(name: string | undefined, place: number): void {
    setOwnPictures((now) => now.map((old, i) => (i === place ? undefined : old)));
    setView((now) => ({ ...now, pictures: now.pictures.map((old, i) => (i === place ? name : old)) }));
  }

  useEffect(() => {
    const paste = (event: ClipboardEvent): void => take([...(event.clipboardData?.files ?? [])]);
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  });

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has its buttons beside it
    <div
      class="page"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        take([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <header>
        <h1>What the gates see</h1>
        <p class="lead">
          A Squeeze-and-Excitation network weighs its own channels for every picture. Drop a photograph and see what it is taken for, and
          what each gate does to it. All of it runs on your device: no picture leaves this page.
        </p>
      </header>
      <Pictures
        shown={[first, second]}
        network={view.network}
        onFiles={take}
        onSample={showSample}
        onFrame={show}
        onRemove={(place) => showSample(undefined, place)}
      />
      <Status
        loading={loading}
        chosen={weights === undefined ? view.network : own}
        file={weights}
        onChoose={(network) => {
          setWeights(undefined);
          const [its] = samples.filter((sample) => sample.network === network);
          setView((now) => ({
            ...now,
            network,
            channel: undefined,
            kept: [],
            pictures: [its?.name ?? (ownPictures[0] ? undefined : firstView.pictures[0]), now.pictures[1]],
          }));
          if (its !== undefined) setOwnPictures((now) => [undefined, now[1]]);
        }}
        onWeights={(file) => take([file])}
      />
      <Answers shown={[first, second]} answers={answers} changed={view.amount > 0} ready={classifier !== undefined} />
      {found.length > 0 && (found[0] as Answer).trained.gates.size > 0 && (
        <>
          <Changes view={view} gates={(found[0] as Answer).trained.gates} onChange={update} />
          <Network answers={found} reach={scale} change={view} looked={view.channel} onLook={(channel) => update({ channel })} />
          <Channel answers={found} titles={[first, second].flatMap((shown) => (shown ? [shown.title] : []))} looked={view.channel} />
        </>
      )}
      <Device />
      <footer>
        <p>
          Pictures are decoded as Pillow decodes them and resized as torchvision does; the network runs on WebAssembly kernels that are
          proved against PyTorch’s float64. <a href="./docs/">How it works: documentation</a>.
        </p>
      </footer>
    </div>
  );
}

/** The picture in a place: the visitor's, or one that ships, by its name. */
function useShown(sample: string | undefined, visitors: Shown | undefined): Shown | undefined {
  const [shown, setShown] = useState<Shown | undefined>(undefined);
  useEffect(() => {
    const found = samples.find(({ name }) => name === sample);
    if (visitors !== undefined || found === undefined) return setShown(visitors);
    let gone = false;
    fetch(found.url)
      .then((response) => response.blob())
      .then((picture) => void (gone || setShown({ title: found.title, url: found.url, picture })));
    return () => {
      gone = true;
    };
  }, [sample, visitors]);
  return shown;
}

/** What is no picture by its kind or its name is taken for weights. */
const isPicture = ({ type, name }: File): boolean => type.startsWith('image/') || /\.(jpe?g|png|webp)$/i.test(name);
