/** What lies among the images of a folder and was not taken for one. */
export interface PassedOver {
  /** Files by what their names end with, in lower case: `.bmp`, `none`, or `hidden` whatever they end with. The most frequent first. */
  readonly files: readonly { readonly extension: string; readonly count: number }[];
  /** Anything else, by its path within the folder. */
  readonly others: readonly { readonly path: string; readonly why: Why }[];
}

type Why = 'hidden' | 'a link to nothing' | 'a link that leads back' | 'neither a file nor a folder';

/** Counts what is passed over. */
export interface Counter {
  file(name: string): void;
  other(path: string, why: Why): void;
  passedOver(): PassedOver;
}

/** Folders that systems put among others, beside those that begin with a dot: macOS in zips, Synology on its disks. */
const hiddenNames: readonly string[] = ['__MACOSX', '@eaDir'];

export const isHidden = (name: string): boolean => name.startsWith('.') || hiddenNames.includes(name);

/** `.bmp`; empty for a name without. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot).toLowerCase() : '';
}

export function counter(): Counter {
  const counts = new Map<string, number>();
  const others: PassedOver['others'][number][] = [];
  return {
    file(name) {
      const extension = isHidden(name) ? 'hidden' : extensionOf(name) || 'none';
      counts.set(extension, (counts.get(extension) ?? 0) + 1);
    },
    other: (path, why) => void others.push({ path, why }),
    passedOver: () => ({
      files: [...counts].map(([extension, count]) => ({ extension, count })).sort((a, b) => b.count - a.count),
      others,
    }),
  };
}

export const nothingPassedOver: PassedOver = { files: [], others: [] };

/** So many are named to people. */
const mostNamed = 8;

/** `3 .bmp, 2 hidden files, .git (hidden)`; undefined if nothing was passed over. */
export function passedOverText({ files, others }: PassedOver): string | undefined {
  const parts = [
    ...files.map(({ extension, count }) => `${count} ${fileText(extension, count)}`),
    ...others.map(({ path, why }) => `${path} (${why})`),
  ];
  if (parts.length === 0) return undefined;
  const more = parts.length > mostNamed ? ` and ${parts.length - mostNamed} more kinds or folders` : '';
  return `${parts.slice(0, mostNamed).join(', ')}${more}`;
}

function fileText(extension: string, count: number): string {
  const files = count === 1 ? 'file' : 'files';
  if (extension === 'hidden') return `hidden ${files}`;
  return extension === 'none' ? `${files} without extension` : extension;
}
