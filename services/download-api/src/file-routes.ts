import type { Route } from '@pi-jobs/http-kit';
import type { ResumableUploads } from '@pi-jobs/resumable-uploads';
import { deleteFile } from './routes/delete-file.ts';
import type { FileRouteDependencies } from './routes/file-route-dependencies.ts';
import { listFiles } from './routes/list-files.ts';
import { redirectRoot } from './routes/redirect-root.ts';
import { resumableFiles } from './routes/resumable-files.ts';
import { showFavicon } from './routes/show-favicon.ts';
import { showUploadPage } from './routes/show-upload-page.ts';
import { uploadForm } from './routes/upload-form.ts';
import { uploadRaw } from './routes/upload-raw.ts';

/** The file exchange but for `GET /download/:name`, an address that it shares with the archives. */
export function fileRoutes(
  deps: FileRouteDependencies & { readonly resumable: ResumableUploads },
): readonly Route[] {
  return [
    redirectRoot(),
    showFavicon(),
    showUploadPage(deps),
    uploadForm(deps),
    uploadRaw(deps),
    listFiles(deps),
    deleteFile(deps),
    ...resumableFiles(deps),
  ];
}
