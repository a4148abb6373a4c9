import { HttpProblem } from '@pi-jobs/http-kit';
import multer from 'multer';
import { fileProblems } from '../file-problems.ts';

/** What multer or its parser found wrong with a body, as a problem; errors of the file itself pass as they are. */
export function problemFromMultipartError(error: unknown): unknown {
  if (error instanceof multer.MulterError) return problemFromCode(error);
  if (!(error instanceof Error) || error instanceof HttpProblem || 'code' in error) return error;
  return fileProblems.malformed_multipart(`The multipart body is malformed: ${error.message}.`, {
    cause: error,
  });
}

function problemFromCode(error: multer.MulterError): HttpProblem {
  switch (error.code) {
    case 'LIMIT_FILE_SIZE':
      return fileProblems.file_too_large('The file is too large.', { cause: error });
    case 'LIMIT_FILE_COUNT':
    case 'LIMIT_UNEXPECTED_FILE':
      return fileProblems.several_files('The request has more than one file.', { cause: error });
    default:
      return fileProblems.malformed_multipart(`The multipart body is not acceptable: ${error.message}.`, {
        cause: error,
      });
  }
}
