/* 继续上课: what this phone opened last, with how far it came. It never leaves the phone. */

import { recent } from './page.js';

const section = document.querySelector('[data-recent]');
const template = section.querySelector('template');
const list = section.querySelector('ul');
const SUBJECT = /^[a-z0-9-]+$/;
const ADDRESS = /^\/(media|pages)\/[\w./-]+$/;

recent().slice(0, 6).forEach((one) => {
  if (!/^[0-9a-f]{32}$/.test(one.resource)) return;
  const line = document.importNode(template.content, true);
  const find = (what) => line.querySelector(what);
  const cover = find('.cover');
  find('a').href = '/resource/' + one.resource;
  if (ADDRESS.test(one.poster)) {
    const image = document.createElement('img');
    image.alt = '';
    image.src = one.poster;
    // The lesson may have been replaced since: then its cover is drawn after all.
    image.onerror = () => image.replaceWith(cover);
    cover.replaceWith(image);
  }
  const subject = SUBJECT.test(one.subject) ? one.subject : 'other';
  cover.classList.add('c-' + subject);
  const use = cover.querySelector('use');
  use.setAttribute('href', section.dataset.sprite + '#m-' + subject);
  cover.querySelector('small').textContent = one.shelf;
  cover.querySelector('b').textContent = one.lesson;
  find('h3').textContent = one.title;
  find('p').textContent = one.said || '';
  const bar = find('rect');
  if (one.at && one.of) bar.setAttribute('width', Math.min(100, Math.round(one.at / one.of * 100)) + '%');
  else bar.parentNode.remove();
  list.appendChild(line);
});
section.hidden = !list.children.length;
