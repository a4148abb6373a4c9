const maxNameBytes = 255;

/** Why a name is no plain file name, or undefined when it is one: no way out of a folder, nothing hidden, nothing unprintable. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'must not be empty';
  if (!name.isWellFormed() || Buffer.byteLength(name) > maxNameBytes) {
    return `must be at most ${maxNameBytes} bytes of UTF-8`;
  }
  if (/[/\\]/.test(name)) return 'must not contain a path separator';
  if (/\p{Cc}/u.test(name)) return 'must not contain control characters';
  if (name.startsWith('.')) return 'must not begin with a dot';
  return undefined;
}

/** The same for a relative path: plain names between slashes; one slash at the end is ignored, `''` is no step at all. */
export function folderFault(folder: string): string | undefined {
  if (folder === '') return undefined;
  const steps = folder.replace(/\/$/, '').split('/');
  if (steps.includes('')) return 'must be relative, with one slash between two names';
  return steps.map(nameFault).find((fault) => fault !== undefined);
}
