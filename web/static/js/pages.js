/* The viewer of pages and slides: arrows, taps, swipes, full screen, one picture a click.

   Without this module the arrows are links. → Space PageDown go on, ← PageUp go back (a
   wireless presenter sends these), Home and End jump, F fills the screen, B and . hide the
   picture while the class looks at the teacher. */

import { followFull, reached, remember, root, tell, toggleFull, typing } from './page.js';

const DWELL_MS = 2000;
const SWIPE_PX = 40;

const stage = document.querySelector('[data-pages]');
const id = stage.dataset.resource;
const picture = stage.querySelector('[data-picture]');
const time = stage.querySelector('[data-time]');
const full = stage.querySelector('[data-do=full]');
const thumbs = Array.from(stage.querySelectorAll('[data-page]'));
const steps = thumbs.map((one) => one.dataset.pictures.split(' '));
let at = Number(stage.dataset.at) - 1;
let step = Number(stage.dataset.step) || 0;
let dwell = 0;

function show(page, click, said) {
  at = page;
  step = click;
  picture.src = steps[at][step];
  picture.alt = picture.dataset.say.replace('{n}', at + 1);
  time.textContent = (at + 1) + ' / ' + steps.length;
  thumbs.forEach((one, n) => {
    one.classList.toggle('on', n === at);
    if (n === at) one.setAttribute('aria-current', 'true');
    else one.removeAttribute('aria-current');
  });
  const strip = thumbs[at].closest('.strip');
  strip.scrollLeft = thumbs[at].offsetLeft - strip.clientWidth / 2 + thumbs[at].offsetWidth / 2;
  stage.querySelectorAll('[data-sounds]').forEach((one) => { one.hidden = Number(one.dataset.sounds) !== at + 1; });
  stage.querySelector('[data-do=back]').classList.toggle('off', at === 0 && step === 0);
  stage.querySelector('[data-do=on]').classList.toggle('off', at === steps.length - 1 && step === steps[at].length - 1);
  stage.classList.remove('blank');
  [steps[at][step + 1], steps[at + 1] && steps[at + 1][0]].forEach((address) => {
    if (address) new Image().src = address;
  });
  clearTimeout(dwell);
  dwell = setTimeout(() => {
    tell('page', { resource: id, page: at + 1 });
    remember(root, at + 1, steps.length, stage.dataset.sayAt.replace('{at}', at + 1));
  }, DWELL_MS);
  if (said !== false && history.replaceState) {
    history.replaceState(null, '', '?page=' + (at + 1) + (step ? '&step=' + step : ''));
  }
}

function go(by) {
  if (by > 0) {
    if (step + 1 < steps[at].length) show(at, step + 1);
    else if (at + 1 < steps.length) show(at + 1, 0);
    else tell('finished', { resource: id, page: at + 1 });
  } else if (step > 0) show(at, step - 1);
  else if (at > 0) show(at - 1, steps[at - 1].length - 1);
}

stage.addEventListener('click', (event) => {
  const button = event.target.closest('[data-do], [data-page]');
  if (!button) return;
  event.preventDefault();
  if (button.dataset.page) show(Number(button.dataset.page) - 1, 0);
  else if (button.dataset.do === 'full') toggleFull(stage);
  else go(button.dataset.do === 'on' ? 1 : -1);
});

let swiped = false;
picture.addEventListener('click', (event) => {
  const box = picture.getBoundingClientRect();
  if (!swiped) go(event.clientX - box.left < box.width / 3 ? -1 : 1);
  swiped = false;
});
let from = null;
picture.addEventListener('touchstart', (event) => { from = event.touches.length === 1 ? event.touches[0].clientX : null; swiped = false; }, { passive: true });
picture.addEventListener('touchend', (event) => {
  if (from === null) return;
  const by = event.changedTouches[0].clientX - from;
  if (Math.abs(by) > SWIPE_PX) {
    swiped = true;
    go(by < 0 ? 1 : -1);
  }
}, { passive: true });

const KEYS = {
  ArrowRight: 1, PageDown: 1, ArrowDown: 1, ' ': 1, Enter: 1, n: 1,
  ArrowLeft: -1, PageUp: -1, ArrowUp: -1, Backspace: -1, p: -1,
};
document.addEventListener('keydown', (event) => {
  if (typing(event)) return;
  const here = stage.contains(event.target) || event.target === document.body || stage.classList.contains('full');
  const control = event.target.closest('a, button');
  if (!here || (control && (event.key === ' ' || event.key === 'Enter'))) return;
  // Up and down scroll the page as ever unless the slides fill the screen.
  if (/^Arrow(Up|Down)$/.test(event.key) && !stage.classList.contains('full')) return;
  if (KEYS[event.key]) go(KEYS[event.key]);
  else if (event.key === 'Home') show(0, 0);
  else if (event.key === 'End') show(steps.length - 1, 0);
  else if (event.key === 'f') toggleFull(stage);
  else if (event.key === 'b' || event.key === '.') stage.classList.toggle('blank');
  else return;
  event.preventDefault();
});

/* The strip asks for a picture when it comes into sight: a deck of 600 pages is 90 MB. */
const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
  if (!entry.isIntersecting) return;
  const image = entry.target.querySelector('img');
  image.src = steps[Number(entry.target.dataset.page) - 1][0];
  image.hidden = false;
  seen.unobserve(entry.target);
}), { root: stage.querySelector('.strip'), rootMargin: '0px 120px' });
thumbs.forEach((one) => seen.observe(one));

if (document.fullscreenEnabled || document.webkitFullscreenEnabled) full.hidden = false;
followFull(stage, full);
const was = reached(id);
if (!/[?&]page=/.test(location.search) && was > 1 && was <= steps.length) show(was - 1, 0, false);
else show(at, step, false);
