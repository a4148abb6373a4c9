export { FileResumableStore, type FileResumableStoreOptions } from './file-system/file-resumable-store.ts';
export { S3ResumableStore, type S3ResumableStoreOptions } from './objects/s3-resumable-store.ts';
export type { ResumableStore } from './resumable-store.ts';
export { ResumableUploads, type ResumableUploadsOptions } from './resumable-uploads.ts';
