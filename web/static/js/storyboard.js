/* The peek over the bar of a film: the time under the finger or the mouse, and the small
   picture of it where the film has a storyboard. `player.js` fetches this module when
   somebody first comes near the bar.

   It follows the mouse that hovers, and the finger or mouse that drags; keys move the film
   as ever and show nothing. The storyboard is one picture of tiles in rows, asked for at
   the first peek; a tile higher than the room above the bar is drawn smaller. */

const THUMB_PX = 16;
const LEAST_GAP_PX = 8;

/** Follow the bar of a stage: `seek` its range, `length` and `clock` of the player, `first`
    the event that came near it. */
export function follow(stage, seek, length, clock, first) {
  const peek = stage.querySelector('[data-peek]');
  const tile = peek.querySelector('span');
  const said = peek.querySelector('b');
  const board = peek.dataset.src ? {
    every: Number(peek.dataset.every), columns: Number(peek.dataset.columns),
    rows: Number(peek.dataset.rows), count: Number(peek.dataset.count),
    width: Number(peek.dataset.width), height: Number(peek.dataset.height),
  } : null;
  let scale = 0;

  const fit = () => {
    const room = stage.clientHeight - peek.parentNode.clientHeight - said.offsetHeight;
    const now = Math.max(0.25, Math.min(1, room / board.height));
    if (now === scale) return;
    scale = now;
    tile.style.width = board.width * scale + 'px';
    tile.style.height = board.height * scale + 'px';
    tile.style.backgroundSize = board.width * board.columns * scale + 'px ' + board.height * board.rows * scale + 'px';
    tile.style.backgroundImage = 'url("' + peek.dataset.src + '")';
  };

  const show = (part) => {
    if (!length()) return;
    const at = part * length();
    said.textContent = clock(at);
    peek.hidden = false;
    if (board) {
      fit();
      const n = Math.min(board.count - 1, Math.floor(at / board.every));
      tile.style.backgroundPosition = -(n % board.columns) * board.width * scale + 'px '
        + -Math.floor(n / board.columns) * board.height * scale + 'px';
    }
    const half = peek.offsetWidth / 2;
    const middle = seek.offsetLeft + THUMB_PX / 2 + part * (seek.offsetWidth - THUMB_PX);
    const most = stage.clientWidth - half - LEAST_GAP_PX;
    peek.style.left = Math.max(half + LEAST_GAP_PX, Math.min(most, middle)) - half + 'px';
  };
  const hide = () => { peek.hidden = true; };

  const hover = (event) => {
    const box = seek.getBoundingClientRect();
    const part = (event.clientX - box.left - THUMB_PX / 2) / (box.width - THUMB_PX);
    show(Math.max(0, Math.min(1, part)));
  };

  seek.addEventListener('mousemove', hover);
  seek.addEventListener('input', () => show(seek.value / 1000));
  ['mouseleave', 'change', 'touchend', 'touchcancel', 'blur'].forEach((kind) => seek.addEventListener(kind, hide));
  if (first.type === 'mouseenter' && seek.matches(':hover')) hover(first);
}
