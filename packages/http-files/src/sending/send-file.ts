import type { FileExchange } from '@pi-jobs/file-exchange';
import type { RequestTools } from '@pi-jobs/http-kit';
import { fileTypeOf } from '../file-types.ts';
import { problemFromFileError } from '../problem-from-file-error.ts';
import { contentDisposition } from './content-disposition.ts';
import { sendContent } from './send-content.ts';

/** Answers GET or HEAD with a file of the exchange; throws the problem for 404. */
export async function sendFile(
  exchange: Pick<FileExchange, 'open'>,
  filename: string,
  tools: Pick<RequestTools, 'req' | 'res'>,
): Promise<void> {
  await using open = await exchange.open(filename).catch((error: unknown) => {
    throw problemFromFileError(error);
  });
  const { contentType, isInline } = fileTypeOf(filename);
  await sendContent(tools, {
    ...open.file,
    contentType,
    headers: {
      'Content-Disposition': contentDisposition(isInline ? 'inline' : 'attachment', filename),
      // The name may be given to another file one day: ask again each time.
      'Cache-Control': 'no-cache',
    },
    read: (span) => open.read(span, { recycle: true }),
  });
}
