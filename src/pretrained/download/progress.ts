/** How far a download is. */
export interface DownloadProgress {
  /** Bytes that have come. */
  readonly received: number;
  /** Of how many; undefined where nobody said. */
  readonly total: number | undefined;
}
