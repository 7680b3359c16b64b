/* Upload with progress, one file after another; without this module the form just posts. */

import './page.js';

const form = document.querySelector('[data-upload]');
const file = form.querySelector('input[type=file]');
const chosen = form.querySelector('[data-chosen]');
const drop = form.querySelector('.drop');
const progress = form.querySelector('[data-progress]');
const bar = progress.querySelector('progress');
const what = progress.querySelector('[data-what]');
const howFar = progress.querySelector('[data-how-far]');
const problem = form.querySelector('[data-problem]');
const button = form.querySelector('.btn');
const empty = chosen.textContent;

file.addEventListener('change', () => {
  const names = Array.from(file.files).map((one) => one.name);
  chosen.textContent = names.length > 3 ? names.slice(0, 3).join('、') + ' … ' + names.length : names.join('、') || empty;
  problem.hidden = true;
});
['dragover', 'dragleave', 'drop'].forEach((kind) => drop.addEventListener(kind, (event) => {
  drop.classList.toggle('over', kind === 'dragover');
  if (kind === 'dragover') event.preventDefault();
  if (kind === 'drop' && event.dataTransfer.files.length) {
    event.preventDefault();
    file.files = event.dataTransfer.files;
    file.dispatchEvent(new Event('change'));
  }
}));

function failed(text) {
  problem.textContent = text || form.dataset.sayFailed;
  problem.hidden = false;
  progress.hidden = true;
  button.disabled = false;
}

function send(rest, of) {
  const one = rest[0];
  const data = new FormData(form);
  data.delete('file');
  data.append('file', one, one.name);
  const request = new XMLHttpRequest();
  request.open('POST', form.action || location.href);
  request.setRequestHeader('Accept', 'application/json');
  what.textContent = form.dataset.saySending + ' ' + one.name;
  request.upload.onprogress = (event) => {
    if (!event.lengthComputable) return;
    bar.value = Math.round(event.loaded / event.total * 100);
    howFar.textContent = (of > 1 ? of - rest.length + 1 + ' / ' + of + ' · ' : '') + bar.value + ' %';
    if (event.loaded === event.total) what.textContent = form.dataset.sayKept;
  };
  request.onerror = () => failed();
  request.onload = () => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch (notJson) { /* said below */ }
    if (request.status >= 300 || !answer.next) failed(answer.what);
    else if (rest.length > 1) send(rest.slice(1), of);
    else location.assign(answer.next);
  };
  request.send(data);
}

form.addEventListener('submit', (event) => {
  if (!file.files.length) return;
  event.preventDefault();
  problem.hidden = true;
  progress.hidden = false;
  bar.value = 0;
  button.disabled = true;
  progress.scrollIntoView({ block: 'nearest' });
  send(Array.from(file.files), file.files.length);
});
