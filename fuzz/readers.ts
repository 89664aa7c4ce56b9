import type { ReaderTable } from './reader.js';
import { openDetections } from './readers/detections.js';
import { openDumps } from './readers/dumps.js';
import { openJournals } from './readers/journals.js';
import { openMetadata } from './readers/metadata.js';
import { openNetworks } from './readers/networks.js';
import { openOnnx } from './readers/onnx.js';
import { openPictures } from './readers/pictures.js';
import { openResults, openVectors } from './readers/results.js';
import { openLabels, openLists } from './readers/texts.js';
import { openConfigurations, openRuns } from './readers/training.js';
import { openWeights } from './readers/weights.js';

/** All that reads files. Shares are by what a case costs, and by how much there is to go wrong. */
export const readers = {
  weights: { share: 440, open: openWeights },
  networks: { share: 5, open: openNetworks },
  onnx: { share: 40, open: openOnnx },
  pictures: { share: 200, open: openPictures },
  metadata: { share: 90, open: openMetadata },
  labels: { share: 50, open: openLabels },
  lists: { share: 50, open: openLists },
  configurations: { share: 50, open: openConfigurations },
  runs: { share: 30, open: openRuns },
  journals: { share: 2, open: openJournals },
  results: { share: 40, open: openResults },
  vectors: { share: 20, open: openVectors },
  dumps: { share: 3, open: openDumps },
  detections: { share: 20, open: openDetections },
} as const satisfies ReaderTable;
