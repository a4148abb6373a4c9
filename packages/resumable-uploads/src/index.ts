export { FileResumableStore, type FileResumableStoreOptions } from './file-system/file-resumable-store.ts';
export type { ResumableStore } from './resumable-store.ts';
export { ResumableUploads, type ResumableUploadsOptions } from './resumable-uploads.ts';
