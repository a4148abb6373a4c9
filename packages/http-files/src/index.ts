export { contentDisposition } from './content-disposition.ts';
export { fileProblems } from './file-problems.ts';
export { fileTypeOf } from './file-types.ts';
export { problemFromFileError } from './problem-from-file-error.ts';
export {
  type MultipartOptions,
  type ReceivedForm,
  receiveForm,
  receiveMultipart,
  type UploadSink,
} from './receive-multipart.ts';
