export { HEAD_BYTES } from './content/content-inspector.ts';
export * from './file-exchange.ts';
export * from './file-exchange-error.ts';
export { FileSystemExchange, type FileSystemExchangeOptions } from './file-system/file-system-exchange.ts';
export {
  CONTENTS,
  ObjectFileExchange,
  type ObjectFileExchangeOptions,
} from './objects/object-file-exchange.ts';
export * from './rules/check-file-name.ts';
export * from './rules/upload-rules.ts';
export { pump, unlessAborted } from './upload/pump.ts';
