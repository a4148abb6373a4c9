/**
 * Runs on the upload page where scripts run: sends the form itself to show how far it is, and the server's answer without leaving the page.
 * Without it the same form is sent by the browser. Plain text here, because the page carries it inline under its hash.
 */
export const pageScript = `
'use strict';
const form = document.querySelector('form');
const progress = document.querySelector('progress');
const message = document.querySelector('#message');
const button = form.querySelector('button');

function say(text) {
  message.textContent = text;
  message.hidden = false;
}

function finish(text) {
  button.disabled = false;
  progress.hidden = true;
  say(text);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const file = form.elements.file.files[0];
  if (file === undefined) return say('Choose a file first.');
  if (file.size > Number(form.dataset.maxBytes)) return say('The file is larger than ' + form.dataset.maxBytes + ' bytes.');
  const request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.setRequestHeader('Accept', 'application/json');
  request.responseType = 'json';
  request.upload.addEventListener('progress', (sent) => {
    if (sent.lengthComputable) progress.value = sent.loaded / sent.total;
  });
  request.addEventListener('load', () => {
    if (request.status === 201) location.assign('/upload');
    else finish((request.response && request.response.error) || 'The upload failed with status ' + request.status + '.');
  });
  request.addEventListener('error', () => finish('The connection was lost.'));
  button.disabled = true;
  message.hidden = true;
  progress.value = 0;
  progress.hidden = false;
  request.send(new FormData(form));
});
`;
