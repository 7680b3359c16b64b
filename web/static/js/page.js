/* What every page does: it remembers on this phone where a lesson stopped, tells the box
   what is used, and fetches the suggestions' module when somebody starts to type.

   Syntax: ES2018 (Chrome 64). An event waits in localStorage until the box has answered
   for it, so one that happened while the box was away is told on a later page. */

const WAITING = 'usage';
const RECENT = 'recent';
const MOST_WAITING = 200;
const MOST_RECENT = 12;

export function read(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) || otherwise;
  } catch (gone) {
    return otherwise;
  }
}

export function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch (full) {
    // A private window keeps nothing; the page works without.
  }
}

function randomId() {
  // crypto.randomUUID exists on https only.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => ('0' + byte.toString(16)).slice(-2)).join('');
}

const visit = randomId();
let told = 0;

/** Tell the box what was done: kind, and whichever of resource, page, position_s … fit. */
export function tell(kind, values) {
  if ('untold' in document.documentElement.dataset) return; // at a county's desk
  told += 1;
  const waiting = read(WAITING, []);
  waiting.push(Object.assign({ kind: kind, visit: visit + '-' + told }, values));
  write(WAITING, waiting.slice(-MOST_WAITING));
  soon();
}

let timer = 0;
function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => send(false), 1500);
}

let sending = false;
function send(leaving) {
  const batch = read(WAITING, []).slice(0, 50);
  if (!batch.length || sending) return;
  sending = true;
  const body = JSON.stringify({ events: batch });
  // Not sendBeacon: from Chrome 59 to 80 it throws on JSON. keepalive outlives the page;
  // the same engines fail it for JSON, so only what is told at the very end risks it, and
  // waits for the next page where it fails.
  fetch('/usage', {
    method: 'POST', credentials: 'same-origin', keepalive: leaving && body.length < 60000,
    headers: { 'Content-Type': 'application/json' }, body: body,
  }).then((answer) => {
    sending = false;
    // A refused batch would be refused again: it is dropped like an accepted one.
    if (answer.status < 500 && answer.status !== 429) {
      const sent = {};
      batch.forEach((event) => { sent[event.visit] = true; });
      const left = read(WAITING, []).filter((event) => !sent[event.visit]);
      write(WAITING, left);
      if (left.length) soon();
    }
  }, () => { sending = false; });
}
addEventListener('pagehide', () => { sending = false; send(true); });
if (read(WAITING, []).length) soon();

/** Remember how far a resource was seen, newest first; `root` carries its data. */
export function remember(root, at, of, said) {
  const entry = Object.assign({}, root.dataset, { at: at, of: of, said: said });
  const others = read(RECENT, []).filter((one) => one.resource !== entry.resource);
  write(RECENT, [entry].concat(others).slice(0, MOST_RECENT));
}

/** How far this phone has seen a resource, or 0. */
export function reached(id) {
  const entry = read(RECENT, []).find((one) => one.resource === id);
  return entry ? entry.at : 0;
}

export function recent() {
  return read(RECENT, []);
}

/** The page of a resource: it was opened. Returns its root, or null on other pages. */
export const root = document.querySelector('.cols[data-resource]');
if (root) {
  tell('opened', { resource: root.dataset.resource });
  const line = root.dataset.remember;
  if (line) remember(root, 0, 0, line);
  root.addEventListener('click', (event) => {
    if (event.target.closest('[data-download]')) {
      tell('downloaded', { resource: root.dataset.resource });
    }
  });
}

/* The library offers the volume where this phone was last. */
const place = document.querySelector('[data-place]');
if (place) write('place', { href: location.pathname, name: place.dataset.place });
const last = document.querySelector('[data-last-place]');
const was = read('place', {});
if (last && /^\/library\/[^:]*$/.test(was.href)) {
  last.querySelector('a').href = was.href;
  last.querySelector('small').textContent = was.name;
  last.hidden = false;
}

const asked = document.querySelector('[data-query]');
if (asked && asked.dataset.query) tell('searched', { words: asked.dataset.query });

/** Full screen of an element, on engines of 2018 too. Returns false where there is none. */
export function toggleFull(element) {
  const now = document.fullscreenElement || document.webkitFullscreenElement;
  const leave = document.exitFullscreen || document.webkitExitFullscreen;
  const enter = element.requestFullscreen || element.webkitRequestFullscreen;
  if (now) leave.call(document);
  else if (enter) enter.call(element);
  else return false;
  return true;
}

/** Draw an icon of the sprite that is already on the page. */
export function setIcon(button, name) {
  const use = button.querySelector('use');
  use.setAttribute('href', use.getAttribute('href').replace(/#.*/, '#' + name));
}

/** Keep `full` on the stage and the right icon on its button. */
export function followFull(stage, button) {
  const changed = () => {
    const full = (document.fullscreenElement || document.webkitFullscreenElement) === stage;
    stage.classList.toggle('full', full);
    if (button) setIcon(button, full ? 'unfull' : 'full');
  };
  document.addEventListener('fullscreenchange', changed);
  document.addEventListener('webkitfullscreenchange', changed);
}

/** Whether a key belongs to a field or a control rather than to the lesson. */
export function typing(event) {
  const name = event.target.tagName;
  return event.altKey || event.ctrlKey || event.metaKey
    || (name === 'INPUT' && event.target.type !== 'range') || name === 'SELECT'
    || name === 'TEXTAREA';
}

document.addEventListener('focusin', function first(event) {
  if (event.target.closest && event.target.closest('[data-suggest]')) {
    document.removeEventListener('focusin', first);
    import('./suggest.js').then((module) => module.start(event.target));
  }
});
