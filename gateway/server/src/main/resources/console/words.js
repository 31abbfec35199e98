// How values are written for people. Times are shown as ages; the exact time is the title.
import { el, printable } from './dom.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const number = value => typeof value === 'number' ? value.toLocaleString('en') : value;

function span(millis) {
  if (millis < MINUTE) {
    return Math.max(0, Math.round(millis / SECOND)) + ' s';
  }
  if (millis < HOUR) {
    return Math.round(millis / MINUTE) + ' min';
  }
  if (millis < 2 * DAY) {
    return Math.round(millis / HOUR) + ' h';
  }
  return Math.round(millis / DAY) + ' d';
}

/** `3 min ago`, or `in 20 s`. */
export function age(time) {
  const passed = Date.now() - Date.parse(time);
  return Number.isNaN(passed) ? time : passed >= 0 ? span(passed) + ' ago' : 'in ' + span(-passed);
}

/** A time that grows older while it is looked at. */
export const when = time => time ? el('time', { datetime: time, title: time }, age(time)) : null;

/** The clock of a time, for lists of calls. */
export const clock = time => el('time', { datetime: time, title: time }, String(time).slice(11, 23));

export function grow() {
  for (const each of document.querySelectorAll('time[title]')) {
    const now = age(each.dateTime);
    if (each.closest('.clock') === null && each.textContent !== now) {
      each.firstChild.data = printable(now);
    }
  }
}

export const period = millis => span(millis);

export const person = human => human ? human.sub : null;

/** With where the name is from. */
export const personInFull = human => human ? human.sub + ' at ' + human.iss : null;

/** A SPIFFE ID without what all of them have. */
export const agent = id => id ? String(id).replace(/^spiffe:\/\//, '') : null;

/** The same as an element that may break behind each slash. */
export const agentName = id => el('span', { class: 'mono agent', title: id },
  String(agent(id) || '–').split(/(?<=\/)/).map(part => el('span', {}, part)));

/** The beginning of a long id; the whole is the title. */
export const short = id => String(id).length > 16 ? String(id).slice(0, 14) + '…' : id;

export const mono = (value, title) => el('span', { class: 'mono', title: title || null }, value);

export const list = values => (values || []).join(', ');

export const plural = (count, one, many) => number(count) + ' ' + (count === 1 ? one : many || one + 's');

/** How many calls passed and how many did not. */
export const outcomes = (passed, refused) => number(passed) + ' passed, ' + number(refused) + ' refused';

/** Where a task's page is; the fragment has the id and nothing else. */
export const taskAt = id => '#/task/' + encodeURIComponent(id);
