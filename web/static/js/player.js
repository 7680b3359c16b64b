/* The player: its bar, where it stopped last time, the switch of 高清 and 流畅, keys.

   Without this module the element's own controls are there. Space or K plays, arrows move
   10 s, up and down change the volume, F fills the screen, M mutes, C switches subtitles,
   0 to 9 jump to that tenth. */

import { followFull, reached, remember, root, setIcon, tell, toggleFull, typing } from './page.js';

const TELL_EVERY_S = 30;
const IDLE_MS = 2500;
const KEEP_FROM_S = 10;
const NEAR_THE_END = 0.95;

const stage = document.querySelector('[data-player]');
const media = stage.querySelector('video, audio');
const id = stage.dataset.resource;
const find = (what) => stage.querySelector(what);

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const two = (n) => ('0' + n).slice(-2);
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return (hours ? hours + ':' + two(minutes) : minutes) + ':' + two(whole % 60);
}

const length = () => (isFinite(media.duration) && media.duration) || Number(stage.dataset.length) || 0;

/* ---- what was really played ---------------------------------------------------------- */
let played = 0;
let last = null;

function report() {
  if (played < 1) return;
  tell('played', {
    resource: id, position_s: Math.round(media.currentTime), played_s: Math.round(played),
  });
  played = 0;
}

function keep() {
  const at = media.currentTime;
  remember(root, at > length() * NEAR_THE_END ? 0 : Math.round(at), Math.round(length()), stage.dataset.sayAt.replace('{at}', clock(at)));
}

media.addEventListener('timeupdate', () => {
  const step = last === null ? 0 : media.currentTime - last;
  last = media.paused || media.seeking ? null : media.currentTime;
  if (step > 0 && step < 2 * Math.max(1, media.playbackRate)) played += step;
  if (played >= TELL_EVERY_S) {
    report();
    keep();
  }
});
media.addEventListener('playing', () => { last = media.currentTime; });
media.addEventListener('pause', () => { last = null; report(); keep(); });
media.addEventListener('seeking', () => { last = null; });
media.addEventListener('ended', () => {
  report();
  tell('finished', { resource: id, position_s: Math.round(media.currentTime) });
  keep();
});
addEventListener('pagehide', () => {
  if (media.currentTime > 0) {
    report();
    keep();
  }
});

/* ---- go on where it stopped ---------------------------------------------------------- */
const notice = find('[data-resume]');
const was = Number((/[?&]t=(\d+)/.exec(location.search) || [])[1]) || reached(id);
if (was > KEEP_FROM_S) {
  const go = () => {
    media.currentTime = was;
    if (notice) {
      notice.querySelector('em').textContent = stage.dataset.sayResume.replace('{at}', clock(was));
      notice.hidden = false;
      setTimeout(() => { notice.hidden = true; }, 8000);
    }
  };
  if (media.readyState) go();
  else media.addEventListener('loadedmetadata', go, { once: true });
}

/* ---- the bar -------------------------------------------------------------------------- */
function toggle() {
  if (media.paused) {
    const started = media.play();
    if (started) started.catch(() => {});
  } else media.pause();
}

const bar = find('.ctl');
if (bar) {
  const seek = find('[data-seek]');
  const time = find('[data-time]');
  const big = find('.start');
  const small = bar.querySelector('[data-do=toggle]');
  const full = find('[data-do=full]');
  let dragging = false;
  let idle = 0;

  media.removeAttribute('controls');
  bar.hidden = false;
  if (big) big.hidden = false; // a sound has neither this nor the full screen
  if (full) followFull(stage, full);

  const awake = () => {
    stage.classList.remove('idle');
    clearTimeout(idle);
    if (!media.paused) idle = setTimeout(() => stage.classList.add('idle'), IDLE_MS);
  };
  ['mousemove', 'touchstart', 'keydown', 'focusin'].forEach((kind) => stage.addEventListener(kind, awake, { passive: true }));

  const draw = () => {
    const at = dragging ? seek.value / 1000 * length() : media.currentTime;
    time.textContent = clock(at) + ' / ' + clock(length());
    if (!dragging) seek.value = length() ? Math.round(media.currentTime / length() * 1000) : 0;
    seek.setAttribute('aria-valuetext', clock(at));
    seek.style.setProperty('--done', seek.value / 10 + '%');
  };
  const playing = () => {
    const on = !media.paused;
    if (big) big.hidden = on;
    setIcon(small, on ? 'pause' : 'play');
    small.setAttribute('aria-label', on ? small.dataset.pause : small.dataset.play);
    awake();
  };
  ['timeupdate', 'durationchange', 'loadedmetadata', 'seeked'].forEach((kind) => media.addEventListener(kind, draw));
  ['play', 'pause', 'ended'].forEach((kind) => media.addEventListener(kind, playing));
  media.addEventListener('click', () => {
    // A tap on a phone first shows the bar; a mouse plays and pauses.
    if (stage.classList.contains('idle') && matchMedia('(hover: none)').matches) awake();
    else toggle();
  });
  const near = (event) => {
    ['mouseenter', 'touchstart'].forEach((kind) => seek.removeEventListener(kind, near));
    import('./storyboard.js').then((module) => module.follow(stage, seek, length, clock, event));
  };
  ['mouseenter', 'touchstart'].forEach((kind) => seek.addEventListener(kind, near, { passive: true }));
  seek.addEventListener('input', () => { dragging = true; draw(); });
  seek.addEventListener('change', () => { dragging = false; media.currentTime = seek.value / 1000 * length(); });
  stage.addEventListener('click', (event) => {
    const button = event.target.closest('[data-do]');
    if (!button) return;
    if (button.dataset.do === 'toggle') toggle();
    if (button.dataset.do === 'again') { media.currentTime = 0; notice.hidden = true; toggle(); }
    if (button.dataset.do === 'full' && !toggleFull(stage) && media.webkitEnterFullscreen) media.webkitEnterFullscreen();
  });

  const speed = find('[data-speed]');
  speed.addEventListener('change', () => { media.playbackRate = Number(speed.value); });

  const tracks = find('[data-tracks]');
  const lyric = find('[data-lyric]'); // of a sound: the element itself draws no subtitles
  const showTrack = (n) => {
    for (let i = 0; i < media.textTracks.length; i += 1) media.textTracks[i].mode = i !== n ? 'disabled' : lyric ? 'hidden' : 'showing';
    if (tracks) tracks.value = String(n);
    if (lyric) lyric.hidden = n < 0;
  };
  if (lyric) {
    showTrack(0);
    Array.from(media.textTracks).forEach((track) => track.addEventListener('cuechange', () => {
      const said = Array.from(track.activeCues || [], (cue) => cue.getCueAsHTML().textContent);
      lyric.textContent = said.join(' ') || '\u00a0'; // the page must not jump between two lines
    }));
  }
  if (tracks) tracks.addEventListener('change', () => showTrack(Number(tracks.value)));

  const sources = find('[data-sources]');
  if (sources) {
    const all = Array.from(media.querySelectorAll('source')).map((one) => one.src);
    const use = (n) => {
      const at = media.currentTime;
      const on = !media.paused;
      const rate = media.playbackRate;
      media.src = all[n];
      media.addEventListener('loadedmetadata', () => {
        media.currentTime = at;
        media.playbackRate = rate;
        if (on) toggle();
      }, { once: true });
    };
    sources.addEventListener('change', () => {
      try { localStorage.setItem('quality', sources.selectedOptions[0].text); } catch (closed) { /* only this time */ }
      use(Number(sources.value));
    });
    let wanted = null;
    try { wanted = localStorage.getItem('quality'); } catch (closed) { /* the first one */ }
    const n = Array.from(sources.options).findIndex((one) => one.text === wanted);
    if (n > 0) { sources.value = String(n); media.src = all[n]; }
  }

  document.addEventListener('keydown', (event) => {
    if (typing(event) || (event.key === ' ' && event.target.closest('button, a'))) return;
    const on = event.target === seek;
    const keys = {
      ' ': toggle, k: toggle,
      f: () => { if (full) full.click(); },
      m: () => { media.muted = !media.muted; },
      c: () => { if (tracks) showTrack(Number(tracks.value) < 0 ? 0 : -1); },
      ArrowLeft: () => { media.currentTime = Math.max(0, media.currentTime - 10); },
      ArrowRight: () => { media.currentTime = Math.min(length(), media.currentTime + 10); },
      ArrowUp: () => { media.volume = Math.min(1, media.volume + 0.1); },
      ArrowDown: () => { media.volume = Math.max(0, media.volume - 0.1); },
    };
    const inside = stage.contains(event.target) || event.target === document.body || stage.classList.contains('full');
    if (!inside) return;
    const act = /^[0-9]$/.test(event.key) ? () => { media.currentTime = length() * Number(event.key) / 10; } : keys[event.key];
    if (act && !(on && /^Arrow(Up|Down)$/.test(event.key))) {
      event.preventDefault();
      act();
      awake();
    }
  });
  const sources2 = media.querySelectorAll('source');
  const failed = () => {
    notice.querySelector('em').textContent = stage.dataset.sayFailed;
    notice.querySelector('button').hidden = true;
    notice.hidden = false;
    if (big) big.hidden = true;
  };
  media.addEventListener('error', failed);
  if (sources2.length) sources2[sources2.length - 1].addEventListener('error', failed);
  draw();
  playing();
}
