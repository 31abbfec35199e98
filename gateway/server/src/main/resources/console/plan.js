// A plan as a line of stations: one for each state, the calls that lead on between them, where the task stands, and runs that break a
// property.
import { badge, el } from './dom.js';
import { list, mono, plural } from './words.js';

const FOLDED = 40;

/** `3+1 in flight+2 unknown untrusted` as the state, the calls under way, those whose outcome is unknown, and the mark. */
function position(at) {
  const found = /^(\d+)(?:\+(\d+) in flight)?(?:\+(\d+) unknown)?(.*)$/.exec(at || '');
  return found
    ? { state: Number(found[1]), flying: Number(found[2] || 0), unknown: Number(found[3] || 0), mark: found[4].replace(/^[;,\s]+/, '') }
    : { state: null, flying: 0, unknown: 0, mark: '' };
}

/** @param marks what is said of an edge, by state and place */
function ways(state, number, marks) {
  const byTarget = new Map();
  state.next.forEach((edge, place) => {
    byTarget.set(edge.state, [...(byTarget.get(edge.state) || []), { ...edge, marks: marks.get(number + ' ' + place) || [] }]);
  });
  return [...byTarget].map(([target, all]) => [target, all.sort((one, other) => other.marks.length - one.marks.length)]).map(([target, edges]) =>
    el('li', { class: target === number ? 'again' : target === number + 1 ? 'on' : 'jump' },
    el('span', { class: 'way', 'aria-hidden': 'true' }, target === number ? '↻' : target < number ? '↑' : '↓'),
    edges.slice(0, 6).map((edge, i) => [i > 0 ? ' or ' : null,
      el('span', { class: 'mono', title: edge.rule }, edge.operation),
      edge.sent ? ' (counts when it is sent)' : null,
      edge.same.length ? ' (same ' + list(edge.same) + ')' : null,
      edge.marks.map(mark => [' ', badge(mark, 'deny')])]),
    el('span', { class: 'faint' }, ' step ' + [...new Set(edges.map(edge => edge.step))].join(', ')),
    edges.length > 6 ? ' and ' + (edges.length - 6) + ' others' : null,
    target === number ? ', again' : target === number + 1 ? null : [' → ', el('strong', {}, String(target))]));
}

/** @param passed the states that the task has been in */
export function drawPlan(plan, passed) {
  const here = position(plan.at);
  const facts = el('p', { class: 'lead' },
    here.state === null ? 'Where the task stands is not known.' : ['In state ', el('strong', {}, String(here.state)), ' of ' + plan.of + '.',
      here.flying ? ' ' + plural(here.flying, 'call is', 'calls are') + ' under way.' : null,
      here.unknown ? [' ', badge('the outcome of ' + plural(here.unknown, 'call') + ' is not known', 'near')] : null, here.mark ? [' ', badge(here.mark, 'near')] : null]);
  if (!plan.states) {
    return [facts, el('p', { class: 'none' }, 'The plan has ' + plan.of + ' states, too many to draw. `errand check` prints them.')];
  }
  const broken = plan.broken || [];
  const marks = new Map();
  broken.forEach(property => property.calls.forEach(({ state, next, call }) =>
    marks.set(state + ' ' + next, [...(marks.get(state + ' ' + next) || []), 'call ' + call + ' of “' + property.name + '”'])));
  const told = broken.length === 0 ? null : el('div', { class: 'refusal' },
    el('p', {}, plural(broken.length, 'property does', 'properties do') + ' not hold for this template. Below, the calls of the shortest run are marked.'),
    el('ul', { class: 'plain' }, broken.map(property => el('li', { class: 'break' }, property.message))));
  const from = Math.max(0, (here.state || 0) - FOLDED / 2);
  const items = plan.states.map((state, number) => el('li', {
    class: 'station' + (number === here.state ? ' here' : passed.has(number) ? ' passed' : ''),
    'aria-current': number === here.state ? 'step' : null,
    hidden: number < from || number >= from + FOLDED,
  },
  el('span', { class: 'dot' }, el('span', { class: 'unseen' }, 'State '), String(number)),
  el('div', {},
    number === here.state ? el('strong', { class: 'you' }, 'The task is here') : null,
    number === 0 && number !== here.state ? el('span', { class: 'faint' }, 'Start') : null,
    state.final ? el('span', { class: 'faint' }, state.next.length ? ' May end here' : ' The end') : null,
    el('ul', { class: 'ways' }, ways(state, number, marks)))));
  const unfold = items.some(item => item.hidden)
    ? el('button', { type: 'button', class: 'quiet', on: { click: event => {
      items.forEach(item => { item.hidden = false; });
      event.target.remove();
    } } }, 'Show all ' + items.length + ' states')
    : null;
  return [facts, told, el('ol', { class: 'plan', start: '0' }, items), unfold,
    plan.interleave.length ? el('p', { class: 'faint' }, 'At any time: ', mono(list(plan.interleave))) : null];
}
