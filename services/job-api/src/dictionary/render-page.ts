import { createHash } from 'node:crypto';
import { escapeHtml } from '@pi-jobs/http-kit';
import type { Instructions } from './instructions.ts';
import { answerOf, curlOf, describeField } from './render-text.ts';

const style = `
body { font: 17px/1.6 Georgia, serif; margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 4rem; color: #1c1c22; background: #fdfdfb; }
h1 { font-size: 2rem; margin: 0 0 .5rem; } h2 { margin: 2.5rem 0 .5rem; } h1, h2, h3 { line-height: 1.2; } h3 { font-size: 1.05rem; margin: 1.75rem 0 .25rem; }
code, pre { font: 14px/1.5 ui-monospace, monospace; } pre { overflow: auto; margin: .4rem 0; padding: .75rem; border-radius: 6px; background: #f1f1ec; white-space: pre-wrap; }
pre.answer { border-left: 3px solid #8a8; } table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { border-top: 1px solid #dddcd4; padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; }
@media (prefers-color-scheme: dark) { body { color: #e8e8ee; background: #17171c; } pre { background: #24242c; } a { color: #9db7ff; } th, td { border-color: #3a3a44; } }
`;

/** Nothing is loaded and no script runs; the one style sheet is the page's own. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The instructions as one HTML page that needs nothing else. `baseUrl` is where the reader found them. */
export function renderPage(instructions: Instructions, baseUrl: string): string {
  const { title, introduction, request, actions, notes, examples, errors } = instructions;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><h1>${escapeHtml(title)}</h1>
${introduction.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('\n')}
<pre>${escapeHtml(request)}</pre>
<h2>Actions</h2>
${actions
  .map(({ action, does, fields }) =>
    [
      `<h3><code>"action": "${escapeHtml(action)}"</code></h3><p>${escapeHtml(does)}</p>`,
      table(
        ['field', 'value', 'meaning'],
        fields.map((field) => [
          code(field.name),
          escapeHtml(describeField(field)),
          escapeHtml(field.meaning),
        ]),
      ),
    ].join('\n'),
  )
  .join('\n')}
<h2>Good to know</h2>
<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('\n')}</ul>
<h2>Examples</h2>
${examples
  .map(
    (example) => `<h3>${escapeHtml(example.title)}</h3>
<pre>${escapeHtml(curlOf(example, baseUrl))}</pre>
<pre class="answer">${example.status} ${escapeHtml(answerOf(example, baseUrl))}</pre>`,
  )
  .join('\n')}
<h2>Errors</h2>
${table(
  ['Code', 'what', 'and'],
  errors.map(({ status, title: what, meaning }) => [
    code(String(status)),
    escapeHtml(what),
    escapeHtml(meaning),
  ]),
)}
<p>All routes of this service: <a href="/docs">documentation</a>, <a href="/openapi.json">OpenAPI</a>.</p>
</body></html>
`;
}

/** Cells are HTML. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<table><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>\n${lines.join('\n')}\n</table>`;
}

function code(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
}
