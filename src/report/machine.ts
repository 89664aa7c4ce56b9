/** What a timing needs beside it to mean anything. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly v8: string;
  readonly instructions: string;
}

export const machineLine = ({ cpu, cores, memoryGiB, node, v8, instructions }: Machine): string =>
  `${cpu}, ${cores} cores, ${memoryGiB} GiB; Node ${node} (V8 ${v8}); ${instructions}`;
