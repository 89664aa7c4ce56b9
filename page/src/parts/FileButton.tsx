interface Props {
  readonly label: string;
  /** What may be chosen, as an input's `accept`. */
  readonly accept: string;
  onFile(file: File): void;
}

/** A button that opens the browser's own dialogue for a file. */
export function FileButton({ label, accept, onFile }: Props) {
  return (
    <label class="button">
      {label}
      <input
        type="file"
        class="hidden"
        accept={accept}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file) onFile(file);
          currentTarget.value = ''; // so that the same file may be chosen again
        }}
      />
    </label>
  );
}
