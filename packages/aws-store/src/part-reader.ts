/**
 * Cuts a stream into parts of exactly `partBytes`, the last one shorter: what S3 takes as parts of one object. Holds one part at a
 * time. An empty stream is one empty part.
 */
export async function* readParts(
  content: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<{ readonly bytes: Buffer; readonly isLast: boolean }> {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    let rest = chunk;
    // A part is handed over only when more follows, so that the last one is known to be it.
    while (length + rest.length > partBytes) {
      const fitting = rest.subarray(0, partBytes - length);
      yield { bytes: Buffer.concat([...chunks, fitting]), isLast: false };
      rest = rest.subarray(fitting.length);
      chunks = [];
      length = 0;
    }
    // Whoever made the chunk may use its memory again.
    if (rest.length > 0) chunks.push(Buffer.from(rest));
    length += rest.length;
  }
  yield { bytes: Buffer.concat(chunks), isLast: true };
}
