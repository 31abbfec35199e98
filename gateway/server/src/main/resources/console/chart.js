// The last hour of all replicas as a small chart, one column a minute: calls that passed, refusals, and calls that wait for a human.
import { ask, repeat } from './api.js';
import { el, fill } from './dom.js';
import { number, plural } from './words.js';
import { missing } from './banners.js';

const PAUSE = 10000;
const KINDS = [['permitted', 'passed'], ['waiting', 'waiting'], ['refused', 'refused']];

const at = minute => String(minute.begin).slice(11, 16);

/** A minute as one column; what was refused is on top, and never too low to be seen. */
function column(minute, most) {
  const parts = KINDS.filter(([name]) => minute[name] > 0).map(([name]) => {
    const part = el('span', { class: 'part ' + name });
    part.style.height = (100 * minute[name] / most).toFixed(2) + '%';
    return part;
  });
  return el('span', { class: 'minute', title: at(minute) + ' UTC: ' + KINDS.map(([name, word]) => number(minute[name]) + ' ' + word).join(', ') },
    parts.reverse());
}

/** Shows the chart inside `parent`; gives back what ends that. */
export function showHour(parent) {
  const columns = el('div', { class: 'columns-of-minutes' });
  const key = el('p', { class: 'key' });
  const absent = el('div');
  const figure = el('figure', { class: 'hour' }, key, columns, absent);
  figure.hidden = true;
  parent.append(figure);
  return repeat(async signal => {
    const told = await ask('/activity', { signal });
    const sums = Object.fromEntries(KINDS.map(([name]) => [name, told.minutes.reduce((sum, minute) => sum + minute[name], 0)]));
    const most = Math.max(0, ...told.minutes.map(minute => KINDS.reduce((sum, [name]) => sum + minute[name], 0)));
    figure.hidden = false;
    fill(key, el('strong', {}, 'Last hour'), KINDS.map(([name, word]) =>
      el('span', {}, el('span', { class: 'square ' + name, 'aria-hidden': 'true' }), number(sums[name]) + ' ' + word)),
    el('span', { class: 'faint' }, 'busiest minute: ' + plural(most, 'call')));
    const shown = el('div', { class: 'minutes', 'aria-hidden': 'true' }, told.minutes.map(minute => column(minute, most)));
    fill(columns, shown, el('div', { class: 'scale faint', 'aria-hidden': 'true' },
      el('span', {}, at(told.minutes[0])), el('span', {}, at(told.minutes.at(-1)) + ' UTC')));
    fill(absent, missing(told.missing));
  }, PAUSE);
}
