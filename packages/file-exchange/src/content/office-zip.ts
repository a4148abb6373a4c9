const LOCAL_HEADER = Buffer.from('PK\x03\x04', 'latin1');
const NAME_LENGTH_OFFSET = 26;
const NAME_OFFSET = 30;

/** The folder that holds the document itself in an Office Open XML package, by extension. */
const OWN_FOLDER: Readonly<Record<string, string>> = { docx: 'word/', xlsx: 'xl/' };
const FOREIGN_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  docx: ['xl/', 'ppt/'],
  xlsx: ['word/', 'ppt/'],
};
const COMMON_MEMBERS = ['[Content_Types].xml', '_rels/', 'docProps/', 'customXml/'];

/**
 * Is this the head of a zip file whose first members fit the extension `docx` or `xlsx`? Writers agree neither on the members' order nor on
 * giving their sizes, so every local header in sight counts; a head that shows no member's name contradicts nothing.
 */
export function isOfficeZip(head: Buffer, extension: string): boolean {
  if (!head.subarray(0, LOCAL_HEADER.length).equals(LOCAL_HEADER)) return false;
  const names = memberNames(head);
  const foreign = FOREIGN_FOLDERS[extension] ?? [];
  if (names.some((name) => foreign.some((folder) => name.startsWith(folder)))) return false;
  const expected = [...COMMON_MEMBERS, OWN_FOLDER[extension] ?? ''];
  return names.length === 0 || names.some((name) => expected.some((prefix) => name.startsWith(prefix)));
}

function memberNames(head: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at !== -1; at = head.indexOf(LOCAL_HEADER, at + 1)) {
    if (at + NAME_OFFSET > head.length) break;
    const length = head.readUInt16LE(at + NAME_LENGTH_OFFSET);
    const name = head.subarray(at + NAME_OFFSET, at + NAME_OFFSET + length).toString('utf8');
    if (name !== '') names.push(name);
  }
  return names;
}
