import { InputError } from '../../errors.js';
import type { Origin } from '../pretrained.js';

export const usualHub = 'https://huggingface.co';

type HubFile = Extract<Origin, { readonly kind: 'hub' }>;

/** @param endpoint a hub, without a slash at its end */
export const hubUrl = ({ repository, file }: HubFile, revision: string, endpoint: string): string =>
  `${endpoint}/${repository}/resolve/${encodeURIComponent(revision)}/${file}`;

/** Where a hub says what files there are, their sizes and their SHA-256. */
export const hubListUrl = ({ repository }: HubFile, revision: string, endpoint: string): string =>
  `${endpoint}/api/models/${repository}/tree/${encodeURIComponent(revision)}`;

/**
 * A hub's address as it was given, without slashes at its end. What stands before an @, or in a query, may be a password: it is not shown.
 *
 * @param called what it was given as
 */
export function endpointOf(text: string, called: string): string {
  const shown = text.replace(/^.*@/s, '***@').replace(/[?#].*$/s, '?***');
  const { protocol, username, password, search, hash } = URL.canParse(text) ? new URL(text) : { protocol: '' };
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new InputError(`${called}: expected an address, found ${shown}: one begins with https:// or http://`);
  if (username || password || search || hash)
    throw new InputError(
      `${called}: expected an address without user, password, query and fragment, found ${shown}${called === 'HF_ENDPOINT' ? '; a token goes into HF_TOKEN' : ''}`,
    );
  return text.replace(/(?<!\/)\/+$/, '');
}
