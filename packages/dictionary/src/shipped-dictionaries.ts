import { fileURLToPath } from 'node:url';

/** The folder of the dictionaries that come with this package, the default for `DICTIONARY_DIR`. */
export const shippedDictionaries: string = fileURLToPath(new URL('../dictionaries', import.meta.url));
