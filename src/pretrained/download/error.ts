import { SenetError } from '../../errors.js';
import { withoutPasswords } from '../../io/masked.js';

export type DownloadFault =
  | 'offline' //   not in the cache, and downloading was forbidden
  | 'token' //     a token that no request can carry
  | 'network' //   no connection, or one that broke
  | 'stalled' //   a connection over which nothing came, or too little
  | 'redirect' //  in a circle, too often, or to where it must not go
  | 'status' //    401, 404 and the like
  | 'encoded' //   a body that is not the file's own bytes
  | 'html' //      a page for people instead of a file
  | 'short' //     fewer bytes than announced
  | 'long' //      more bytes than announced, or than are allowed
  | 'hash' //      other bytes than published
  | 'file'; //     the file cannot be written

/** A file that was not downloaded: its message names the address, what went wrong and what to do. Names and passwords in addresses are masked. */
export class DownloadError extends SenetError {
  override readonly name = 'DownloadError';
  readonly url: string;
  readonly fault: DownloadFault;
  constructor(fault: DownloadFault, url: string, message: string, options?: ErrorOptions) {
    super(withoutPasswords(`${url}: ${message}`), options);
    this.url = withoutPasswords(url);
    this.fault = fault;
  }
}
