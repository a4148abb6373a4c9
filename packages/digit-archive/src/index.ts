export { ZipCache, type ZipFile } from './zip-cache.ts';
export { digitsEntryName } from './zip-digits.ts';
