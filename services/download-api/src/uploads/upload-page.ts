import type { StoredFile } from '@pi-jobs/file-exchange';
import { escapeHtml } from '@pi-jobs/http-kit';
import { filePath } from '../files/file-url.ts';
import { renderPage } from './page-frame.ts';

export interface UploadPageFacts {
  /** Those that stand on this page. */
  readonly files: readonly Pick<StoredFile, 'filename' | 'size'>[];
  /** Of all files. */
  readonly fileCount: number;
  /** Where the list goes on after this page, if it does. */
  readonly nextAfter: string | undefined;
  readonly allowedExtensions: readonly string[];
  readonly maxBytes: number;
}

/** The list of files with a form to add one. */
export function renderUploadPage(facts: UploadPageFacts): string {
  const body = `${renderForm(facts)}
<h2>${facts.fileCount === 1 ? '1 file' : `${facts.fileCount} files`}</h2>
${renderList(facts)}
<p><a href="/docs">For programs</a></p>`;
  return renderPage('Files', body, { withScript: true });
}

/** What an upload by the form without script ends with: the reason, or the file, and the way back. */
export function renderUploadResult(
  result: { readonly error: string } | { readonly filename: string },
): string {
  const isError = 'error' in result;
  const text = isError
    ? `<p role="alert">${escapeHtml(result.error)}</p>`
    : `<p>Uploaded: <a href="${filePath(result.filename)}"><bdi>${escapeHtml(result.filename)}</bdi></a></p>`;
  const title = isError ? 'The file was not uploaded' : 'The file is uploaded';
  return renderPage(title, `${text}\n<p><a href="/upload">Back to the files</a></p>`, { withScript: false });
}

function renderForm({ allowedExtensions, maxBytes }: UploadPageFacts): string {
  const accept = allowedExtensions.map((extension) => `.${extension}`).join(',');
  return `<form method="post" action="/upload" enctype="multipart/form-data" data-max-bytes="${maxBytes}">
<label for="file">A file of at most ${formatBytes(maxBytes)} (${escapeHtml(allowedExtensions.join(', '))}):</label>
<p><input id="file" type="file" name="file" accept="${escapeHtml(accept)}" required> <button>Upload</button></p>
<progress max="1" value="0" hidden aria-label="Upload"></progress>
<p id="message" role="alert" hidden></p>
</form>`;
}

function renderList({ files, nextAfter }: UploadPageFacts): string {
  if (files.length === 0) return '<p>Nothing here yet.</p>';
  const rows = files.map(
    ({ filename, size }) =>
      `<tr><td><a href="${filePath(filename)}"><bdi>${escapeHtml(filename)}</bdi></a></td><td class="size">${formatBytes(size)}</td></tr>`,
  );
  const next =
    nextAfter === undefined
      ? ''
      : `<p><a href="/upload?after=${encodeURIComponent(nextAfter)}">More files</a></p>`;
  return `<table><thead><tr><th>Name</th><th class="size">Size</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>
${next}`;
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes for people: `1.5 MiB`. */
function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : Number(value.toFixed(1))} ${UNITS[power]}`;
}
