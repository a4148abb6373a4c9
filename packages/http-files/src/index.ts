export { fileProblems } from './file-problems.ts';
export { fileTypeOf } from './file-types.ts';
export { problemFromFileError } from './problem-from-file-error.ts';
export {
  type MultipartOptions,
  type ReceivedForm,
  receiveForm,
  receiveMultipart,
  type UploadSink,
} from './receiving/receive-multipart.ts';
export { type IdleWatch, stoodStillProblem, watchIdle, watchStillness } from './receiving/watch-idle.ts';
export { contentDisposition } from './sending/content-disposition.ts';
export { type Content, sendContent } from './sending/send-content.ts';
export { sendFile } from './sending/send-file.ts';
export { type StoredContent, sendStoredFile } from './sending/send-stored-file.ts';
