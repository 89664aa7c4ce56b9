/** What a timing needs beside it to mean anything. */
export interface Host {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly v8: string;
  readonly instructions: string;
}

export const hostLine = ({ cpu, cores, memoryGiB, node, v8, instructions }: Host): string =>
  `${cpu}, ${cores} cores, ${memoryGiB} GiB; Node ${node} (V8 ${v8}); ${instructions}`;
