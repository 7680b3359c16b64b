/* Keeps the state of the box fresh while somebody looks: asks again every few seconds,
   slower when nothing moves, never while the page is hidden. Asking only reads. */

import './page.js';

const BUSY_MS = 2000;
const CALM_MS = 10000;

const place = document.querySelector('[data-status]');
let timer = 0;
let tag = '';

function later(ms) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, ms);
}

function ask() {
  fetch(place.dataset.status, { credentials: 'same-origin' })
    .then((answer) => answer.json())
    .then((state) => {
      if (state.tag !== tag) {
        tag = state.tag;
        place.innerHTML = state.html; // made by our own template, escaped there
      }
      later(state.busy ? BUSY_MS : CALM_MS);
    }, () => later(CALM_MS));
}

document.addEventListener('visibilitychange', () => { if (document.hidden) clearTimeout(timer); else ask(); });
later(BUSY_MS);
