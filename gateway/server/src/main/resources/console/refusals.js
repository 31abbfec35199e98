// The refusals of all replicas, grouped by task, operation and code, the group with the newest refusal first. Calls about which a human
// was asked are none, and stand below.
import { Refusal, collect, repeat } from './api.js';
import { badge, button, el, fill, keyed } from './dom.js';
import { agentName, list, mono, number, personInFull, plural, taskAt, when } from './words.js';
import { asksHuman, callItem, refusalKind } from './calls.js';
import { missing } from './banners.js';

const PAGE = 50;
const MOST = 1000;
const SHOWN = 20;
const RESOURCES = 3;

const refusals = (query, page) => collect('/decisions', 'decisions', { outcome: 'deny', ...query }, { parts: 5, ...page });

/** What the filters choose by, and how a refusal says it. */
const FILTERS = [['code', 'Code', each => each.code], ['operation', 'Operation', each => each.operation || 'no operation'],
  ['template', 'Template', each => each.template || 'none'], ['person', 'Started by', each => each.human ? each.human.sub : 'not verified']];

const groupOf = each => JSON.stringify([each.task, each.operation, each.code]);

/** The groups of these refusals, which are the newest first. */
function grouped(refused) {
  const groups = new Map();
  for (const each of refused) {
    const known = groups.get(groupOf(each));
    known ? known.calls.push(each) : groups.set(groupOf(each), { key: groupOf(each), calls: [each] });
  }
  return [...groups.values()];
}

/** What the calls of a group were about, the newest first; nothing where they do not say it. */
function resourcesOf(group) {
  const all = [...new Set(group.calls.flatMap(each => each.resource || []))];
  return all.length === 0 ? null : [' ', el('span', { class: 'mono faint break' }, list(all.slice(0, RESOURCES))),
    all.length > RESOURCES ? el('span', { class: 'faint' }, ' … ' + number(all.length - RESOURCES) + ' more') : null];
}

/** A group as one line that unfolds; one refusal alone is shown as the call that it is. */
function item(group, open) {
  const [last] = group.calls;
  const first = group.calls.at(-1);
  if (group.calls.length === 1) {
    return callItem(last, { task: true });
  }
  const calls = el('ol', { class: 'calls' });
  const show = () => fill(calls, group.calls.slice(0, SHOWN).map(each => callItem(each)),
    group.calls.length > SHOWN ? el('li', { class: 'faint' }, 'and ' + number(group.calls.length - SHOWN) + ' older ones') : null);
  const unfold = el('button', { type: 'button', class: 'open', 'aria-expanded': String(open.has(group.key)), on: { click: () => {
    const now = !open.has(group.key);
    now ? open.add(group.key) : open.delete(group.key);
    unfold.setAttribute('aria-expanded', String(now));
    now ? show() : fill(calls);
  } } },
  el('span', { class: 'clock' }, el('strong', { class: 'times' }, number(group.calls.length) + ' ×')), badge(last.code, refusalKind(last.code)),
  el('span', { class: 'what' }, mono(last.operation || 'no operation'), resourcesOf(group)),
  el('span', { class: 'since faint' }, 'first ', when(first.time), ', last ', when(last.time)));
  if (open.has(group.key)) {
    show();
  }
  return el('li', { class: 'call group' }, unfold,
    last.detail ? el('p', { class: 'detail break' }, last.detail) : null,
    el('p', { class: 'of faint' }, last.task ? ['Task ', el('a', { href: taskAt(last.task), class: 'mono' }, last.task)]
      : 'No task: the callers did not verify', last.template ? [', ', last.template] : null,
    last.human ? [', ', personInFull(last.human)] : null, (last.agents || []).length ? [', ', agentName(last.agents.at(-1).sub)] : null),
    calls);
}

export function showRefusals(main) {
  let known = [];
  let cursor = null;
  let turned = false;
  let word = '';
  const open = new Set();
  const find = el('input', { type: 'search', 'data-filter': true, 'aria-label': 'Find among these refusals', 'aria-keyshortcuts': '/',
    placeholder: 'words of a refusal …', autocomplete: 'off', spellcheck: 'false' });
  const selects = FILTERS.map(([name, label, of]) => ({ name, of, offered: '', select: el('select', { on: { change: () => redraw() } }),
    label }));
  const told = el('p', { class: 'lead' });
  const absent = el('div');
  const feed = el('ol', { class: 'calls feed' });
  const asked = el('ol', { class: 'calls feed' });
  const waiting = el('section', { 'aria-labelledby': 'waiting' }, el('h2', { id: 'waiting' }, 'Waiting for a human'),
    el('p', { class: 'lead' }, 'A human was asked about these calls. ', el('a', { href: '#/approvals' }, 'Approvals'), ' shows which are still open.'), asked);
  const none = el('p', { class: 'none' }, 'Looking…');
  const older = button('Older', async () => {
    turned = true;
    const page = await refusals({}, { limit: PAGE, cursor });
    cursor = page.cursor;
    add(page.found);
  });
  older.hidden = true;
  const unfold = button('Filters', () => unfold.setAttribute('aria-expanded', String(form.classList.toggle('open'))),
    { class: 'more', 'aria-expanded': 'false' });
  const form = el('form', { class: 'filters', role: 'search', 'aria-label': 'Filter', on: { submit: event => event.preventDefault() } },
    el('div', { class: 'find' }, find, el('kbd', { 'aria-hidden': 'true' }, '/')), unfold,
    selects.map(each => el('label', { class: 'field' }, el('span', {}, each.label), each.select)));
  main.append(el('h1', { tabindex: '-1' }, 'Refusals'), told, form, absent, none, feed, waiting,
    el('nav', { class: 'pages', 'aria-label': 'Pages' }, older));
  const draw = keyed(feed, group => group.key, group => item(group, open));
  const drawAsked = keyed(asked, group => group.key, group => item(group, open));
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
    selects.forEach(offer);
    redraw();
  }

  /** A filter offers what there is, with how often. */
  function offer(filter) {
    const counts = new Map();
    known.forEach(each => counts.set(filter.of(each), (counts.get(filter.of(each)) || 0) + 1));
    const values = [...counts.keys()].sort();
    const offered = JSON.stringify([...counts]);
    if (offered !== filter.offered) {
      const before = filter.select.value;
      filter.offered = offered;
      fill(filter.select, el('option', { value: '' }, 'any'),
        values.map(value => el('option', { value, selected: value === before }, value + ' (' + number(counts.get(value)) + ')')));
    }
  }

  function redraw() {
    const shown = known.filter(each => selects.every(({ select, of }) => select.value === '' || of(each) === select.value)
      && (word === '' || JSON.stringify([each.code, each.operation, each.resource, each.task, each.template,
        each.human, each.agents, each.detail]).toLowerCase().includes(word)));
    const refused = shown.filter(each => !asksHuman(each.code));
    const groups = grouped(refused);
    draw(groups);
    const questions = grouped(shown.filter(each => asksHuman(each.code)));
    drawAsked(questions);
    waiting.hidden = questions.length === 0;
    none.hidden = refused.length > 0;
    fill(none, word || selects.some(({ select }) => select.value) ? 'None of these fits.'
      : cursor ? 'None among the newest decisions.' : 'Nothing was refused yet.');
    fill(told, plural(refused.length, 'refusal') + ' in ' + plural(groups.length, 'group') + ', by task, operation and code.',
      el('span', { class: 'roomy' }, ' A click tells why.'));
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
