import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { useDetector } from './detector/useDetector.js';
import { reach } from './gates.js';
import { choices, own } from './networks.js';
import { Answers } from './parts/Answers.js';
import { Changes } from './parts/Changes.js';
import { Channel } from './parts/Channel.js';
import { Costs } from './parts/Costs.js';
import { Detections } from './parts/Detections.js';
import { Network } from './parts/Network.js';
import { Pictures } from './parts/Pictures.js';
import { Status } from './parts/Status.js';
import { Verdicts } from './parts/Verdicts.js';
import { samples } from './samples.js';
import { type Answer, useAnswer } from './useAnswers.js';
import { useClassifier, type Wanted } from './useClassifier.js';
import { usePictures } from './usePictures.js';
import { firstView, hashOf, readView, type View } from './view.js';

/** Two places for pictures, a network, and what its gates do. */
export function App() {
  const [view, setView] = useState<View>(() => readView(location.hash));
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

  const detecting = useDetector(weights, view.side);
  const chosen = choices.find(({ name }) => name === view.network) ?? (choices[0] as Wanted);
  const loading = useClassifier(detecting.phase === 'none' ? (weights ?? chosen) : undefined);
  const classifier = loading.phase === 'ready' ? loading.classifier : undefined;

  const pictures = usePictures(view.pictures, setView);
  const [first, second] = pictures.shown;
  const { target, amount, kept } = view;
  const change = useMemo(() => ({ target, amount, kept }), [target, amount, kept]);
  const answers = [useAnswer(classifier, first, change), useAnswer(classifier, second, change)] as const;
  const found = answers.filter((answer): answer is Answer => answer !== undefined && 'trained' in answer);
  const scale = useMemo(() => reach(found.map(({ trained }) => trained.gates)), [answers[0], answers[1]]);

  /** Files that were dropped, pasted or chosen: pictures go into places, from `place` on; others are weights. */
  function take(files: readonly File[], place = pictures.nextPlace): void {
    const [weightsFile] = files.filter((file) => !isPicture(file));
    if (weightsFile !== undefined) {
      setWeights(weightsFile);
      update({ network: own, channel: undefined });
    }
    for (const [i, file] of files.filter(isPicture).slice(0, 2).entries())
      pictures.put({ title: file.name, url: URL.createObjectURL(file), picture: file }, (place + i) % 2);
  }

  function choose(network: string): void {
    setWeights(undefined);
    update({ network, channel: undefined, kept: [] });
    const its = samples.find((sample) => sample.network === network);
    const isForOther = samples.some(({ name, network: other }) => name === view.pictures[0] && other !== undefined && other !== network);
    if (its !== undefined) pictures.putSample(its.name, 0);
    else if (isForOther) pictures.putSample(firstView.pictures[0], 0);
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
        shown={pictures.shown}
        network={view.network}
        onFiles={take}
        onSample={pictures.putSample}
        onFrame={pictures.put}
        onRemove={(place) => pictures.putSample(undefined, place)}
      />
      <Status
        loading={detecting.phase === 'none' ? loading : detecting}
        chosen={weights === undefined ? view.network : own}
        file={weights}
        onChoose={choose}
        onWeights={(file) => take([file])}
      />
      {detecting.phase === 'detector' ? (
        <Detections {...detecting} shown={pictures.shown} score={view.score} side={view.side} onChange={update} />
      ) : (
        <Answers shown={pictures.shown} answers={answers} changed={view.amount > 0} ready={classifier !== undefined} />
      )}
      {found.length > 0 && (found[0] as Answer).trained.gates.size > 0 && (
        <>
          <Changes view={view} gates={(found[0] as Answer).trained.gates} onChange={update} />
          <Network answers={found} reach={scale} change={change} looked={view.channel} onLook={(channel) => update({ channel })} />
          <Channel answers={found} titles={[first, second].flatMap((shown) => (shown ? [shown.title] : []))} looked={view.channel} />
        </>
      )}
      <Costs />
      <Verdicts />
      <footer>
        <p>
          Pictures are decoded as Pillow decodes them and resized as torchvision does; the network runs on WebAssembly kernels that are
          proved against PyTorch’s float64. <a href="./docs/">How it works: documentation</a>.
        </p>
      </footer>
    </div>
  );
}

/** What is no picture by its kind or its name is taken for weights. */
const isPicture = ({ type, name }: File): boolean => type.startsWith('image/') || /\.(jpe?g|png|webp)$/i.test(name);
