import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { count, createClassifier, createEnsemble, saveSafetensors } from '../../src/index.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { enableRelaxed } from '../../src/node/engine.js';
import type { Evaluation } from '../../src/report/evaluation.js';
import { projectFile } from '../classifier/vectors.js';
import { type Outcome, senet } from './senet.js';
import { senetHere } from './senetHere.js';

const names = ['seresnet20_cifar10.senet', 'resnet20_cifar10.senet'] as const;
const two = names.flatMap((name) => ['--model', name]);
const chelsea = projectFile('assets/images/chelsea.png');
const running = { kernels: 'strict', algorithms: 'direct' } as const;
const flags = ['--kernels', 'strict', '--algorithms', 'direct'];

let folder: string;
let cat: Uint8Array;
beforeAll(async () => {
  enableRelaxed();
  folder = await mkdtemp(join(tmpdir(), 'senet-protocol-'));
  cat = new Uint8Array(await readFile(chelsea));
});
afterAll(() => rm(folder, { recursive: true }));

/** What several networks or views give: the one answer of `--json`. */
const answerOf = ({ stdout }: Outcome) =>
  (JSON.parse(stdout) as [{ probabilities: number[]; protocol: object; model: string; top: object[] }])[0];

describe('classify', () => {
  test('--crops, --scales and --average answer as the library does, and print what it costs', async () => {
    const outcome = await senet('classify', chelsea, '--crops', '10', '--scales', '36,40', '--average', 'logits', '--json', ...flags);
    expect(outcome.code).toBe(0);
    using classifier = await createClassifier({ ...running, crops: 10, scales: [36, 40], average: 'logits' });
    const { probabilities, top } = await classifier.classify(cat);
    const answer = answerOf(outcome);
    expect([answer.probabilities, answer.top]).toEqual([[...probabilities], top]);
    const { macs } = classifier.protocol;
    expect(answer.protocol).toEqual({
      ...{ crops: 10, average: 'logits', views: 20, macs },
      members: [{ model: 'senet/se_resnet20x2_cifar10.senet', weight: 1, size: 32, scales: [36, 40], views: 20, macs }],
    });
    expect(outcome.stderr).toMatch(/1 image in .* a second, 20 views and 3\.16 GFLOPs \(multiply-adds\) per image/);
  });

  test('several --model are an ensemble, of which --member-weights are the shares', async () => {
    const outcome = await senetHere('classify', chelsea, ...two, '--member-weights', '3,1', '--crops', '2', '--json', ...flags);
    expect(outcome.code).toBe(0);
    const members = await Promise.all(names.map((model) => createClassifier({ ...running, model, crops: 2 })));
    using ensemble = createEnsemble(members, { weights: [3, 1] });
    const { probabilities, top } = await ensemble.classify(cat);
    const answer = answerOf(outcome);
    expect([answer.probabilities, answer.top]).toEqual([[...probabilities], top]);
    expect(answer.model).toBe(names.map((name) => `pytorchcv/${name}`).join(' + '));
    expect(answer.protocol).toMatchObject({ crops: 2, views: 4, members: [{ weight: 0.75, views: 2 }, { weight: 0.25 }] });
  });

  test('several --weights are an ensemble too, each with its --model, or recognised', async () => {
    const files = [1, 2].map((seed) => join(folder, `${seed}.safetensors`));
    for (const [i, file] of files.entries())
      await writeFile(file, saveSafetensors(syntheticWeights(createModel('pytorchcv/resnet20_cifar10', { classes: 7 }), { seed: i })));
    const weights = files.flatMap((file) => ['--weights', file]);
    const recognised = await senetHere('classify', chelsea, ...weights, '--json');
    const told = await senetHere('classify', chelsea, ...weights, '--model', 'resnet20_cifar10', '--model', 'resnet20_cifar10', '--json');
    expect([recognised.code, told.code]).toEqual([0, 0]);
    expect(answerOf(told).probabilities).toEqual(answerOf(recognised).probabilities);
    const one = await senetHere('classify', chelsea, ...weights, '--model', 'resnet20_cifar10');
    expect([one.code, one.stderr]).toEqual([2, expect.stringContaining('expected as many --model as --weights, or none, found 1 and 2')]);
    const mixed = await senetHere(
      'classify',
      chelsea,
      '--weights',
      files[0] as string,
      '--weights',
      projectFile('assets/weights/seresnet20_cifar10.safetensors'),
    );
    expect([mixed.code, mixed.stderr]).toEqual([
      2,
      expect.stringMatching(/members of an ensemble have the same classes: pytorchcv\/resnet20_cifar10 has 7, .* 10\n/),
    ]);
  });

  test.each<readonly [readonly string[], string]>([
    [['--crops', '3'], 'Allowed choices are 1, 2, 5, 10, 144'],
    [['--scales', '36,thirty'], 'Expected a whole number above 0'],
    [['--scales', '36,30'], 'senet/se_resnet20x2_cifar10.senet: scales: 30 pixels are fewer than the 32 of the network'],
    [['--scales', '36', '--crop', '0.9'], "option '--scales <list>' cannot be used with option '--crop <ratio>'"],
    [['--crops', '144', '--scales', '36'], 'scales: 144 crops are of 4 scales, found 1'],
    [['--average', 'median'], 'Allowed choices are probabilities, logits'],
    [['--crops', '5', '--gates', 'gates.svg'], 'gates are of one view, found 5'],
    [[...two, '--gates', 'gates.svg'], '--gates draws the excitations of one network, not 2'],
    [[...two, '--member-weights', '1'], '--member-weights: weights of an ensemble are a number for each of its 2 members, not [1]'],
    [[...two, '--member-weights', '1,0'], 'Expected a number above 0'],
  ])('%j: exit code 2 and %s', async (args, message) => {
    const { code, stdout, stderr } = await senetHere('classify', chelsea, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('evaluate', () => {
  const labelled = ['cat', 'airplane'] as const;
  const pictures = ['chelsea.png', 'rocket.jpg'] as const;
  let list: string;
  beforeAll(async () => {
    await mkdir(join(folder, 'data'));
    for (const name of pictures) await copyFile(projectFile(`assets/images/${name}`), join(folder, 'data', name));
    list = join(folder, 'list.txt');
    await writeFile(list, 'data/chelsea.png 3\ndata/rocket.jpg 0\n');
  });
  const evaluate = (...args: readonly string[]): Promise<Outcome> => senetHere('evaluate', list, '--json', ...flags, ...args);
  const parse = ({ stdout }: Outcome): Evaluation => JSON.parse(stdout) as Evaluation;

  test('counts the errors of the ensemble, and says what was seen by whom', async () => {
    const report = join(folder, 'report.html');
    const outcome = await senet('evaluate', list, '--json', ...flags, ...two, '--crops', '10', '--report', report);
    expect(outcome.code).toBe(0);
    using ensemble = createEnsemble(
      await Promise.all(names.map((model) => createClassifier({ ...running, model, crops: 10, orient: false }))),
    );
    let errors = 0;
    for (const [i, name] of pictures.entries()) {
      const { top } = await ensemble.classify(new Uint8Array(await readFile(join(folder, 'data', name))));
      if (top[0]?.label !== labelled[i]) errors++;
    }
    const { top1, protocol, members, weights, preset, published, model } = parse(outcome);
    expect(top1).toMatchObject({ errors, images: 2 });
    expect(protocol).toMatchObject({
      crops: 10,
      average: 'probabilities',
      views: 20,
      members: [{ views: 10, scales: [32] }, { weight: 0.5 }],
    });
    expect(members.map(({ model }) => model)).toEqual(names.map((name) => `pytorchcv/${name}`));
    expect([weights, preset, published]).toEqual([null, null, null]);
    const macs = ['pytorchcv/seresnet20_cifar10', 'pytorchcv/resnet20_cifar10'].reduce(
      (sum, id) => sum + 10 * count(createModel(id)).macs,
      0,
    );
    expect(protocol.macs).toBe(macs);
    const cost = `20 views and ${(macs / 1e9).toPrecision(3)} GFLOPs (multiply-adds) per image`;
    expect(outcome.stderr).toMatch(/2 images in .* a second, 20 views/);
    expect(outcome.stderr).toContain(cost);
    const html = await readFile(report, 'utf8');
    expect(html).toContain(model);
    expect(html).toContain(`${cost}, means of probabilities`);
  });

  test('what is published stands beside the one view that it was measured with, and beside no other', async () => {
    expect(parse(await evaluate()).published).toMatchObject({ on: 'CIFAR-10' });
    expect(parse(await evaluate('--crops', '10')).published).toBeNull();
  });

  test('a journal is resumed by the same protocol and members only', async () => {
    const journal = ['--journal', join(folder, 'journal.jsonl')];
    const protocol = [...two, '--member-weights', '3,1', '--crops', '2', '--scales', '36'];
    expect((await evaluate(...protocol, ...journal)).code).toBe(0);
    const again = await evaluate(...protocol, ...journal);
    expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(/^resuming after 2 of 2 images .*\n$/)]); // and no pace of none
    const others = [
      [...two, '--member-weights', '1,3', '--crops', '2', '--scales', '36'],
      [...two, '--crops', '2', '--scales', '36'],
      [...protocol, '--average', 'logits'],
      [...two, '--member-weights', '3,1', '--crops', '10', '--scales', '36'],
      [...two, '--member-weights', '3,1', '--crops', '2', '--scales', '40'],
      [...two, '--member-weights', '3,1'],
      [],
    ];
    for (const other of others) {
      const { code, stderr } = await evaluate(...other, ...journal);
      expect([code, stderr], other.join(' ')).toEqual([2, expect.stringContaining('is not the journal of this evaluation')]);
    }
  });
});
