import { SenetError } from '../../errors.js';

export type DownloadFault =
  | 'offline' //   not in the cache, and downloading was forbidden
  | 'network' //   no connection, or one that broke
  | 'stalled' //   a connection over which nothing came
  | 'redirect' //  in a circle, too often, or to where it must not go
  | 'status' //    401, 404 and the like
  | 'html' //      a page for people instead of a file
  | 'short' //     fewer or more bytes than announced
  | 'hash' //      other bytes than published
  | 'file'; //     the file cannot be written

/** A file that was not downloaded: its message names the address, what went wrong and what to do. */
export class DownloadError extends SenetError {
  override readonly name = 'DownloadError';
  readonly url: string;
  readonly fault: DownloadFault;
  constructor(fault: DownloadFault, url: string, message: string, options?: ErrorOptions) {
    super(`${url}: ${message}`, options);
    this.url = url;
    this.fault = fault;
  }
}
