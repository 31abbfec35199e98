// The feed of refusals of all replicas, the newest first.
import { Refusal, collect, repeat } from './api.js';
import { button, el, fill, keyed } from './dom.js';
import { plural } from './words.js';
import { callItem } from './calls.js';
import { missing } from './banners.js';

const PAGE = 50;
const MOST = 1000;

const refusals = (query, page) => collect('/decisions', 'decisions', { outcome: 'deny', ...query }, { parts: 5, ...page });

export function showRefusals(main) {
  let known = [];
  let cursor = null;
  let turned = false;
  let word = '';
  const find = el('input', { type: 'search', 'data-filter': true, 'aria-label': 'Find among these refusals', 'aria-keyshortcuts': '/',
    placeholder: 'code, operation, person …', autocomplete: 'off', spellcheck: 'false' });
  const told = el('p', { class: 'lead' });
  const absent = el('div');
  const feed = el('ol', { class: 'calls feed' });
  const none = el('p', { class: 'none' }, 'Looking…');
  const older = button('Older', async () => {
    turned = true;
    const page = await refusals({}, { limit: PAGE, cursor });
    cursor = page.cursor;
    add(page.found);
  });
  older.hidden = true;
  main.append(el('h1', { tabindex: '-1' }, 'Refusals'), told,
    el('form', { class: 'filters', role: 'search', 'aria-label': 'Filter', on: { submit: event => event.preventDefault() } },
      el('div', { class: 'find' }, find, el('kbd', { 'aria-hidden': 'true' }, '/'))),
    absent, none, feed, el('nav', { class: 'pages', 'aria-label': 'Pages' }, older));
  const draw = keyed(feed, each => each.decision, each => callItem(each, { task: true }));
  find.addEventListener('input', () => { word = find.value.trim().toLowerCase(); redraw(); });
  find.addEventListener('keydown', event => {
    if (event.key === 'Escape' && find.value) {
      event.preventDefault();
      find.value = word = '';
      redraw();
    }
  });

  function add(decisions) {
    const ids = new Set(known.map(each => each.decision));
    known = [...known, ...decisions.filter(each => !ids.has(each.decision))]
      .sort((one, other) => one.time < other.time ? 1 : one.time > other.time ? -1 : 0).slice(0, MOST);
    redraw();
  }

  function redraw() {
    const shown = known.filter(each => word === '' || JSON.stringify([each.code, each.operation, each.resource, each.task, each.template,
      each.human, each.agents, each.detail]).toLowerCase().includes(word));
    draw(shown);
    none.hidden = shown.length > 0;
    fill(none, word ? 'None of these has “' + word + '”.' : cursor ? 'None among the newest decisions.' : 'Nothing was refused yet.');
    fill(told, plural(shown.length, 'refusal') + ' shown, the newest first. A click on one tells why.');
    older.hidden = cursor === null || known.length >= MOST;
  }

  return repeat(async signal => {
    const first = known.length === 0;
    try {
      // All that came since, so that who is refused very often hides no other refusal.
      const page = await refusals({ since: first ? null : known[0].time }, { limit: first && !turned ? PAGE : MOST, signal });
      // Who looked further back in vain goes on from there.
      if (first && !turned) {
        cursor = page.cursor;
      }
      fill(absent, missing(page.missing));
      add(page.found);
    } catch (refusal) {
      if (refusal instanceof Refusal && first) {
        fill(none, refusal.message);
      }
      throw refusal;
    }
  }, 5000);
}
