import { Costs } from './Costs.js';
import { Verdicts } from './Verdicts.js';

/** What SE costs on this device, and whether networks compute here what PyTorch computes. Nothing of it is loaded before it is asked for. */
export function Device() {
  return (
    <>
      <Costs />
      <Verdicts />
    </>
  );
}
