import { extensionOf } from '@pi-jobs/file-exchange';

interface FileType {
  readonly contentType: string;
  /** A browser may show it where it is: no script of it runs with this site's rights. */
  readonly isInline?: true;
}

const TYPES: Readonly<Record<string, FileType>> = {
  txt: { contentType: 'text/plain; charset=utf-8', isInline: true },
  png: { contentType: 'image/png', isInline: true },
  jpg: { contentType: 'image/jpeg', isInline: true },
  jpeg: { contentType: 'image/jpeg', isInline: true },
  gif: { contentType: 'image/gif', isInline: true },
  pdf: { contentType: 'application/pdf', isInline: true },
  csv: { contentType: 'text/csv; charset=utf-8' },
  rtf: { contentType: 'application/rtf' },
  doc: { contentType: 'application/msword' },
  xls: { contentType: 'application/vnd.ms-excel' },
  docx: { contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' },
  xlsx: { contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
};

/** How a file is served, by its name alone; a type that is not known is only handed out to be saved. */
export function fileTypeOf(filename: string): FileType {
  const extension = extensionOf(filename) ?? '';
  return Object.hasOwn(TYPES, extension)
    ? (TYPES[extension] as FileType)
    : { contentType: 'application/octet-stream' };
}
