import { FILE_EXCHANGE_ERRORS } from '@pi-jobs/file-exchange';
import { defineProblems } from '@pi-jobs/http-kit';

/** What can be wrong with a file or with the request that brings it. */
export const fileProblems = defineProblems({
  invalid_name: {
    status: FILE_EXCHANGE_ERRORS.invalid_name,
    title: 'The file name cannot be used',
    meaning:
      'A name is 1 to 255 bytes of UTF-8 in normalization form C that every file system can hold; it is refused, never repaired.',
  },
  missing_extension: {
    status: FILE_EXCHANGE_ERRORS.missing_extension,
    title: 'The file name has no extension',
    meaning: 'The extension says what a file is; without one it cannot be checked.',
  },
  size_mismatch: {
    status: FILE_EXCHANGE_ERRORS.size_mismatch,
    title: 'The file is not as long as announced',
    meaning: 'More or fewer bytes came than the request said. Nothing of them was kept.',
  },
  file_not_found: {
    status: FILE_EXCHANGE_ERRORS.not_found,
    title: 'No such file',
    meaning: 'No file has this name.',
  },
  name_taken: {
    status: FILE_EXCHANGE_ERRORS.name_taken,
    title: 'The name is taken',
    meaning:
      'A file of this name is there. Files are never replaced: choose another name, or delete that one first.',
  },
  file_too_large: {
    status: FILE_EXCHANGE_ERRORS.too_large,
    title: 'The file is too large',
    meaning: 'The file has more bytes than MAX_UPLOAD_BYTES. Nothing of it was kept.',
  },
  extension_not_allowed: {
    status: FILE_EXCHANGE_ERRORS.extension_not_allowed,
    title: 'Files of this type are not allowed',
    meaning: 'The extension is none of those that UPLOAD_EXTENSIONS lists.',
  },
  content_mismatch: {
    status: FILE_EXCHANGE_ERRORS.content_mismatch,
    title: 'The content contradicts the extension',
    meaning: 'The first bytes belong to another format than the extension says, or a text holds NUL bytes.',
  },
  no_file: {
    status: 400,
    title: 'There is no file in the request',
    meaning:
      'A multipart body needs one part with a file and its name, in the field that the address asks for.',
  },
  several_files: {
    status: 400,
    title: 'There is more than one file in the request',
    meaning: 'Files are uploaded one at a time.',
  },
  malformed_multipart: {
    status: 400,
    title: 'The multipart body is malformed',
    meaning: 'It ends early, a part has no proper head, or it has more or longer parts than an upload needs.',
  },
  range_not_satisfiable: {
    status: 416,
    title: 'The range begins beyond the end',
    meaning: 'The content has fewer bytes, or the job fewer certain digits, than where the range begins.',
  },
  precondition_failed: {
    status: 412,
    title: 'The precondition does not hold',
    meaning: 'The content is no longer what If-Match or If-Unmodified-Since names.',
  },
});
