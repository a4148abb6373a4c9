import type { FieldInstructions, Instructions } from './instructions.ts';
import type { QueryExample } from './query-examples.ts';
import { queryPath } from './query-paths.ts';

/** The instructions for a terminal. `baseUrl` is where the reader found them. */
export function renderText(instructions: Instructions, baseUrl: string): string {
  const { title, introduction, request, actions, notes, examples, errors } = instructions;
  return [
    title.toUpperCase(),
    ...introduction,
    request,
    ...actions.map(({ action, does, fields }) =>
      [`"action": "${action}"  ${does}`, ...fields.map(renderField)].join('\n'),
    ),
    'NOTES',
    ...notes.map((note) => `- ${note}`),
    'EXAMPLES',
    ...examples.map(
      (example) =>
        `# ${example.title}\n${curlOf(example, baseUrl)}\n${example.status} ${answerOf(example, baseUrl)}`,
    ),
    'ERRORS',
    errors.map(({ status, title: what, meaning }) => `${status}  ${what}. ${meaning}`).join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function renderField(field: FieldInstructions): string {
  return `  ${field.name}: ${describeField(field)}. ${field.meaning}.`;
}

/** `integer, 0 if left out`. */
export function describeField({ type, isRequired, default: value }: FieldInstructions): string {
  if (isRequired) return `${type}, required`;
  return value === undefined ? `${type}, optional` : `${type}, ${JSON.stringify(value)} if left out`;
}

/** A command that can be pasted: no request of ours holds a single quote. */
export function curlOf({ request }: QueryExample, baseUrl: string): string {
  return `curl -s ${baseUrl}${queryPath} -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(request)}'`;
}

export function answerOf({ answer, isExcerpt }: QueryExample, baseUrl: string): string {
  const json = JSON.stringify(answer, null, 2).replaceAll('http://localhost:5000', baseUrl);
  return isExcerpt ? json.replace('\n  ],', ',\n    …\n  ],') : json;
}
