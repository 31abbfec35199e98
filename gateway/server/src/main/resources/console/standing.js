// Standing errands: one consent, many runs. Each with its last runs, and a button that ends it with them.
import { Refusal, ask, repeat, withQuery } from './api.js';
import { badge, button, el, fill, keyed } from './dom.js';
import { agentName, mono, number, personInFull, plural, short, taskAt, when } from './words.js';
import { openInterrupt } from './interrupt.js';

const PAGE = 100;
const KINDS = { active: 'permit', used: 'plain', expired: 'plain', ended: 'interrupted' };

/** The last runs, looked at when they are unfolded. */
async function lastRuns(id, place) {
  try {
    const { last, runs, used } = await ask('/standing/' + encodeURIComponent(id));
    fill(place, last.length ? el('ul', { class: 'plain runs' }, last.map(each => el('li', {},
      'Run ' + number(each.run), ' ', el('a', { href: taskAt(each.task), class: 'mono', title: each.task }, short(each.task)), ' ',
      badge(each.state === 'active' ? 'active' : 'over', each.state === 'active' ? 'permit' : 'plain'), ' ',
      el('span', { class: 'faint' }, 'began ', when(each.began), ', ' + (each.state === 'active'
        ? 'may make ' + plural(each.calls, 'call') : plural(each.calls, 'call')))))) : el('p', { class: 'none' }, 'No run yet.'),
    used > last.length ? el('p', { class: 'faint' }, 'The log has the ' + number(used - last.length) + ' runs before these, of at most '
      + number(runs) + '.') : null);
  } catch (refusal) {
    fill(place, el('p', { class: 'fault' }, refusal instanceof Refusal ? refusal.message : String(refusal)));
  }
}

function item(context, each, before) {
  const place = el('div');
  const runs = el('details', { open: Boolean(before && before.querySelector('details[open]')), on: {
    toggle: event => event.target.open && lastRuns(each.id, place),
  } }, el('summary', {}, 'Last runs'), place);
  return el('li', { class: 'card', 'data-standing': each.id },
    el('div', { class: 'card-head' }, el('strong', {}, each.template), badge(each.state, KINDS[each.state]),
      el('span', { class: 'owner faint' }, el('span', { class: 'break' }, personInFull(each.human)), ' · ', agentName(each.agent)),
      context.mayOperate && each.state !== 'ended' ? button('End…', () => openInterrupt({ standing: each }),
        { class: 'small', 'aria-label': 'End the standing errand ' + each.id + '…' }) : null),
    el('p', {}, number(each.used) + ' of ' + plural(each.runs, 'run') + ' used, ' + plural(each.calls_left, 'call') + ' left; allowed ',
      when(each.allowed), ', until ', when(each.until)),
    runs, el('p', { class: 'faint' }, mono(each.id)));
}

export function showStanding(main, context) {
  const cursors = [null];
  let next = null;
  const none = el('p', { class: 'none' }, 'Looking…');
  const cards = el('ul', { class: 'cards wide' });
  const turn = () => { list.now(); window.scrollTo(0, 0); };
  const newer = button('← Newer', () => { cursors.pop(); turn(); });
  const older = button('Older →', () => { cursors.push(next); turn(); });
  newer.hidden = older.hidden = true;
  main.append(el('h1', { tabindex: '-1' }, 'Standing errands'),
    el('p', { class: 'lead' }, 'What humans allowed many runs of at once, the latest first. An end stops the runs that are active, and all later ones.'),
    none, cards, el('nav', { class: 'pages', 'aria-label': 'Pages' }, newer, older));
  const draw = keyed(cards, each => each.id, (each, before) => item(context, each, before));
  const list = repeat(async signal => {
    try {
      const page = await ask(withQuery('/standing', { limit: PAGE, cursor: cursors[cursors.length - 1] }), { signal });
      next = page.cursor;
      draw(page.standing);
      fill(none, cursors.length > 1 ? 'No older ones.' : 'Nobody allowed many runs of a task.');
      none.hidden = page.standing.length > 0;
      newer.hidden = cursors.length === 1;
      older.hidden = next === null;
    } catch (refusal) {
      if (refusal instanceof Refusal) {
        fill(none, refusal.message);
      }
      throw refusal;
    }
  }, 5000);
  document.addEventListener('errand-ended', list.now);
  return () => {
    document.removeEventListener('errand-ended', list.now);
    list();
  };
}
