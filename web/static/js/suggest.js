/* Suggestions under the search box: what the box knows that begins like the typed words. */

const PAUSE_MS = 150;

export function start(focused) {
  document.querySelectorAll('form[data-suggest]').forEach(attach);
  focused.dispatchEvent(new Event('input'));
}

function attach(form) {
  const input = form.querySelector('input[type=search]');
  const list = document.createElement('ul');
  list.className = 'hints';
  list.id = input.id + '-hints';
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', input.getAttribute('aria-label'));
  list.hidden = true;
  form.appendChild(list);
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-controls', list.id);
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-expanded', 'false');
  let timer = 0;
  let asked = '';
  let chosen = -1;

  function show(words) {
    list.textContent = '';
    chosen = -1;
    input.removeAttribute('aria-activedescendant');
    words.forEach((word, n) => {
      const line = document.createElement('li');
      line.id = list.id + '-' + n;
      line.setAttribute('role', 'option');
      line.textContent = word;
      line.addEventListener('mousedown', (event) => {
        event.preventDefault();
        take(word);
      });
      list.appendChild(line);
    });
    list.hidden = !words.length;
    input.setAttribute('aria-expanded', String(!list.hidden));
  }

  function take(word) {
    input.value = word;
    show([]);
    form.submit();
  }

  function choose(step) {
    const lines = list.children;
    if (!lines.length) return;
    if (chosen >= 0) lines[chosen].removeAttribute('aria-selected');
    chosen = (chosen + step + lines.length + (chosen < 0 && step < 0 ? 1 : 0)) % lines.length;
    lines[chosen].setAttribute('aria-selected', 'true');
    input.setAttribute('aria-activedescendant', lines[chosen].id);
  }

  input.addEventListener('input', () => {
    clearTimeout(timer);
    const words = input.value.trim();
    timer = setTimeout(() => {
      if (words === asked) return;
      asked = words;
      if (!words) {
        show([]);
        return;
      }
      fetch(form.dataset.suggest + '?q=' + encodeURIComponent(words), { credentials: 'same-origin' })
        .then((answer) => answer.json())
        .then((found) => { if (asked === words) show(found.words); }, () => show([]));
    }, PAUSE_MS);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      choose(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Escape') {
      show([]);
    } else if (event.key === 'Enter' && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen].textContent);
    }
  });
  input.addEventListener('blur', () => { setTimeout(() => show([]), PAUSE_MS); asked = ''; });
}
