// The tasks of the whole fleet: what is near a limit and what was refused lately first, then all, the newest start first.
import { Refusal, ask, collect, repeat } from './api.js';
import { badge, bar, button, el, fill, keyed, say } from './dom.js';
import { agentName, mono, number, person, personInFull, plural, short, taskAt, when } from './words.js';
import { openInterrupt } from './interrupt.js';
import { showHour } from './chart.js';
import { asksHuman, refusalKind } from './calls.js';

const PAGE = 100;
const CARDS = 5;
const NEAR = 0.8;
const LATELY = 15 * 60 * 1000;
const PAUSE = 5000;
const SLOW_PAUSE = 20000;

/** Every task is looked at to find those near a limit: a fifth of a percent of the time may go into that. */
const NEAR_PAUSE = 60000;
const NEAR_FACTOR = 500;

/** The filters, while the tab lives: they may have a person's name, so that they are in no address. */
const filters = { state: 'active', template: '', human: '', agent: '', near: '' };

const MOST_CHOICES = 200;

const percent = share => Math.round(share * 100) + ' %';

function lastCall(task) {
  return task.last
    ? el('span', { class: 'last' }, mono(task.last.operation), ' ', el('span', { class: 'faint' }, when(task.last.time)),
      task.last.outcome === 'deny' ? [' ', badge(task.last.code, refusalKind(task.last.code))]
        : task.last.outcome === 'waiting' ? [' ', badge('waits for approval', 'near')] : null)
    : el('span', { class: 'faint' }, 'no call yet');
}

/** Whether the last call waits for a human: then one refusal is the question itself, and no violation. */
const waits = task => Boolean(task.last) && (task.last.outcome === 'waiting' || asksHuman(task.last.code));

const endButton = (context, task) => context.mayOperate && task.state === 'active'
  ? button('End…', () => openInterrupt({ task }), { class: 'small', 'aria-label': 'End task ' + task.task + '…' })
  : null;

const cell = (label, ...children) => el('td', { role: 'cell', 'data-label': label }, children);

/** The tasks that are chosen to be ended, while the list is shown. */
const chosen = new Map();

function choose(context, task, changed) {
  if (!context.mayOperate || task.state !== 'active') {
    return null;
  }
  const box = el('input', { type: 'checkbox', class: 'choose', checked: chosen.has(task.task), 'aria-label': 'Choose task ' + task.task, on: { change: () => {
    box.checked ? chosen.set(task.task, task) : chosen.delete(task.task);
    changed();
  } } });
  return el('label', { class: 'chooses' }, box);
}

function row(context, task, changed) {
  return el('tr', { role: 'row', class: task.state, 'data-task': task.task },
    el('td', { role: 'cell', class: 'pick' }, choose(context, task, changed)),
    el('th', { role: 'rowheader', scope: 'row' },
      el('a', { href: taskAt(task.task), class: 'mono', title: task.task }, short(task.task)),
      task.state === 'active' ? null : badge(task.state), el('div', { class: 'faint' }, task.template)),
    cell('Started by', el('span', { class: 'break', title: personInFull(task.human) }, person(task.human)),
      el('div', { class: 'faint' }, agentName(task.agent))),
    cell('Last call', lastCall(task)),
    cell('Calls', number(task.calls) + ' passed, ',
      el('span', { class: task.denied > (waits(task) ? 1 : 0) ? 'bad' : 'faint' }, number(task.denied) + ' refused')),
    // A task that is over reaches no limit any more, so nothing about its use is a warning.
    cell('Used', task.state === 'active' ? bar(task.used, percent(task.used)) : el('span', { class: 'faint' }, percent(task.used))),
    cell('Ends', task.state === 'active' ? when(task.expires)
      : el('span', { class: 'faint' }, task.interrupted_by ? 'by ' + task.interrupted_by : task.state)));
}

const HEADS = ['Choose', 'Task', 'Started by, agent', 'Last call', 'Calls', 'Used', 'Ends'];

function card(context, task, more) {
  return el('li', { class: 'card' },
    el('div', { class: 'card-head' },
      el('a', { href: taskAt(task.task), class: 'mono', title: task.task }, short(task.task)),
      el('span', {}, task.template), el('span', { class: 'owner faint' }, el('span', { class: 'break' }, person(task.human)), ' · ', agentName(task.agent)),
      endButton(context, task)),
    more);
}

/**
 * What is near a limit, and who was refused most: one look tells what runs wild. Of what the list below shows the first is known at
 * once, and of all other tasks when they were looked at last.
 *
 * @param page the tasks that the list shows
 */
function glance(context, main, page) {
  let looked = null;
  const near = el('ul', { class: 'cards' });
  const refused = el('ul', { class: 'cards' });
  const section = el('section', { class: 'glance', 'aria-label': 'What needs a look' },
    el('div', { hidden: true }, el('h2', {}, 'Near a limit'), near),
    el('div', {}, el('h2', {}, 'Refused in the last 15 minutes'), refused));
  main.append(section);
  const nearNow = keyed(near, each => each.task || 'none', each => each.none
    ? el('li', { class: 'none' }, each.none)
    : card(context, each, el('p', {}, bar(each.used, percent(each.used)), ' ', lastCall(each))));
  const refusedNow = keyed(refused, each => each.task || 'none', each => each.none
    ? el('li', { class: 'none' }, each.none)
    : card(context, each, el('p', {}, el('strong', { class: 'bad' }, plural(each.count, 'refusal') + (each.more ? ' or more' : '')), ' ',
      badge(each.code, 'deny'), ' ', mono(each.operation), ' ', when(each.time))));
  function drawNear() {
    const known = new Map((looked ? looked.found : []).map(task => [task.task, task]));
    for (const task of page()) {
      if (task.state === 'active' && task.used >= NEAR) {
        known.set(task.task, task);
      } else {
        known.delete(task.task);
      }
    }
    const fullest = [...known.values()].sort((one, other) => other.used - one.used || other.denied - one.denied).slice(0, CARDS);
    // Nothing to look at takes no place above the refusals. A search that was not whole is said, behind them.
    nearNow(fullest.length ? fullest : [{ none: 'None among the newest tasks.' }]);
    near.parentElement.hidden = fullest.length === 0 && !(looked && looked.cursor);
    near.parentElement.classList.toggle('last', fullest.length === 0);
  }
  drawNear();
  refusedNow([{ none: 'Looking…' }]);
  return { drawNear, ends: [
    repeat(async signal => {
      looked = await tasks({ state: 'active', near: NEAR }, { limit: 50, signal });
      drawNear();
    }, NEAR_PAUSE, NEAR_FACTOR),
    repeat(async signal => {
      const since = new Date(Date.now() - LATELY).toISOString();
      const { found, cursor } = await collect('/decisions', 'decisions', { outcome: 'deny', since }, { limit: 200, parts: 5, signal });
      const byTask = new Map();
      // A call about which a human was asked is no violation: it is among the approvals.
      for (const each of found.filter(decision => decision.task && !asksHuman(decision.code))) {
        const known = byTask.get(each.task);
        if (known) {
          known.count++;
        } else {
          const listed = page().find(task => task.task === each.task);
          byTask.set(each.task, { task: each.task, state: listed ? listed.state : null, denied: listed ? listed.denied : null, template: each.template, human: each.human, agent: (each.agents[0] || {}).sub,
            code: each.code, operation: each.operation, time: each.time, count: 1, more: cursor !== null });
        }
      }
      const most = [...byTask.values()].sort((one, other) => other.count - one.count).slice(0, CARDS);
      const strangers = found.filter(decision => !decision.task).length;
      refusedNow(most.length ? most : [{ none: strangers
        ? plural(strangers, 'refusal') + (cursor === null ? '' : ' or more') + ' of callers that did not verify.'
        : cursor === null ? 'None.' : 'None among the newest decisions.' }]);
    }, SLOW_PAUSE),
  ] };
}

const tasks = (query, page) => collect('/tasks', 'tasks', query, { parts: 40, ...page });

function field(label, input) {
  return el('label', { class: 'field' }, el('span', {}, label), input);
}

const option = (value, label, chosen) => el('option', { value, selected: value === chosen }, label);

export function showTasks(main, context) {
  const cursors = [null];
  let rows = [];
  let next = null;
  let word = '';

  const heading = el('h1', { tabindex: '-1' }, 'Tasks');
  const count = el('p', { class: 'lead', 'aria-live': 'off' });
  main.append(el('div', { class: 'title' }, heading, count));
  const hour = showHour(main);
  const { drawNear, ends } = glance(context, main, () => rows);
  ends.push(hour);

  const find = el('input', { type: 'search', 'data-filter': true, placeholder: 'id, person, agent …', autocomplete: 'off',
    'aria-keyshortcuts': '/', 'aria-label': 'Find a task', spellcheck: 'false' });
  const choices = Object.fromEntries(['templates', 'people', 'agents'].map(each => [each, { seen: new Set(), list: el('datalist', { id: 'known-' + each }) }]));
  const template = el('input', { value: filters.template, autocomplete: 'off', spellcheck: 'false', list: 'known-templates' });
  const human = el('input', { value: filters.human, autocomplete: 'off', spellcheck: 'false', list: 'known-people' });
  const holder = el('input', { value: filters.agent, autocomplete: 'off', spellcheck: 'false', placeholder: 'spiffe://…', list: 'known-agents' });
  const state = el('select', {}, option('', 'any', filters.state),
    ['active', 'interrupted', 'completed', 'expired'].map(each => option(each, each, filters.state)));
  const near = el('select', {}, [['', 'any'], ['0.5', '50 % or more'], ['0.8', '80 % or more'], ['0.95', '95 % or more']]
    .map(([value, label]) => option(value, label, filters.near)));
  const clear = button('Clear', () => {
    for (const input of [template, human, holder, near, find]) {
      input.value = '';
    }
    state.value = 'active';
    word = '';
    apply();
  }, { class: 'quiet clear' });
  const unfold = button('Filters', () => unfold.setAttribute('aria-expanded', String(form.classList.toggle('open'))),
    { class: 'more', 'aria-expanded': 'false' });
  const form = el('form', { class: 'filters', role: 'search', 'aria-label': 'Filters', on: {
    submit: event => { event.preventDefault(); enter(); },
    change: event => event.target !== find && apply(),
    keydown: event => {
      if (event.key === 'Escape' && event.target.value && event.target.matches('input')) {
        event.preventDefault();
        event.target.value = '';
        event.target === find ? narrow() : apply();
      }
    },
  } },
  el('div', { class: 'find' }, find, el('kbd', { 'aria-hidden': 'true' }, '/')),
  unfold, field('State', state), field('Template', template), field('Started by', human), field('Agent', holder), field('Used', near),
  el('button', { class: 'unseen', tabindex: '-1' }, 'Find'), clear,
  context.mayOperate ? button('End many…', () => openInterrupt({ filters: { ...filters } })) : null);
  find.addEventListener('input', () => narrow());

  const body = el('tbody', { role: 'rowgroup' });
  const table = el('table', { class: 'tasks', role: 'table', 'aria-label': 'Tasks' },
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, HEADS.map(head => el('th', { role: 'columnheader', scope: 'col' },
      head === 'Choose' ? el('span', { class: 'unseen' }, head) : head)))), body);
  const none = el('p', { class: 'none' });
  const newer = button('← Newer', () => { cursors.pop(); turn(); });
  const older = button('Older →', () => { cursors.push(next); turn(); });
  const where = el('span', { class: 'faint' });
  main.append(el('section', { 'aria-label': 'All tasks' }, form, table, none,
    el('nav', { class: 'pages', 'aria-label': 'Pages' }, newer, where, older)));
  const draw = keyed(body, task => task.task, task => row(context, task, drawChosen));

  const howMany = el('strong');
  const selection = el('div', { class: 'chosen', role: 'group', 'aria-label': 'Chosen tasks' }, howMany,
    button('End…', () => chosen.size === 1 ? openInterrupt({ task: [...chosen.values()][0] }) : openInterrupt({ tasks: [...chosen.values()] }),
      { class: 'danger' }),
    button('Choose none', () => {
      chosen.clear();
      body.querySelectorAll('.choose').forEach(box => { box.checked = false; });
      drawChosen();
    }, { class: 'quiet' }));
  main.append(el('div', {}, Object.values(choices).map(each => each.list)));
  if (context.mayOperate) {
    main.append(selection);
  }

  function drawChosen() {
    selection.hidden = chosen.size === 0;
    fill(howMany, plural(chosen.size, 'task') + ' chosen');
  }

  /** The filters offer what there is: what this page has seen. */
  function offer(found) {
    for (const task of found) {
      for (const [name, value] of [['templates', task.template], ['people', task.human && task.human.sub], ['agents', task.agent]]) {
        const known = choices[name];
        if (value && !known.seen.has(value) && known.seen.size < MOST_CHOICES) {
          known.seen.add(value);
          known.list.append(el('option', { value }));
        }
      }
    }
  }

  const matches = task => word === '' || [task.task, task.template, personInFull(task.human), task.agent,
    task.last && task.last.operation, task.last && task.last.code].some(value => String(value || '').toLowerCase().includes(word));

  function narrow() {
    word = find.value.trim().toLowerCase();
    redraw();
  }

  function redraw() {
    const shown = rows.filter(matches);
    draw(shown);
    table.hidden = shown.length === 0;
    none.hidden = shown.length > 0;
    const filtered = filters.template || filters.human || filters.agent || filters.near || filters.state !== 'active';
    fill(none, word ? 'No task on this page has “' + word + '”. Enter looks for a task of that id.'
      : filtered ? 'No task fits these filters.' : 'No task runs.');
    fill(where, cursors.length === 1 && next === null ? plural(shown.length, 'task')
      : 'page ' + cursors.length + ', ' + plural(shown.length, 'task'));
    newer.hidden = cursors.length === 1;
    older.hidden = next === null;
  }

  async function load(signal) {
    const page = await tasks(filters, { limit: PAGE, cursor: cursors[cursors.length - 1], signal });
    rows = page.found;
    next = page.cursor;
    offer(rows);
    for (const task of rows.filter(each => chosen.has(each.task) && each.state !== 'active')) {
      chosen.delete(task.task);
    }
    drawChosen();
    redraw();
    drawNear();
  }

  function turn() {
    list.now();
    window.scrollTo(0, form.offsetTop);
  }

  function apply() {
    Object.assign(filters, { state: state.value, template: template.value.trim(), human: human.value.trim(),
      agent: holder.value.trim(), near: near.value });
    cursors.length = 1;
    fill(where, 'Looking…');
    list.now();
  }

  /** Enter opens the one match, or the task of that very id. */
  async function enter() {
    if (document.activeElement !== find) {
      apply();
      return;
    }
    const shown = rows.filter(matches);
    const id = find.value.trim();
    if (id === '') {
      return;
    }
    if (shown.length === 1) {
      location.hash = taskAt(shown[0].task);
    } else if (shown.length === 0 && /^[A-Za-z0-9_-]{1,128}$/.test(id)) {
      try {
        await ask('/tasks/' + encodeURIComponent(id));
        location.hash = taskAt(id);
      } catch (refusal) {
        fill(none, refusal instanceof Refusal && refusal.status === 404 ? 'No replica knows a task of the id “' + id + '”.' : refusal.message);
        say('No such task.');
      }
    } else {
      const first = body.querySelector('a');
      first && first.focus();
    }
  }

  const total = () => fill(count, el('strong', {}, number(context.configuration.tasks.active)), ' running on all replicas');
  total();

  table.addEventListener('click', event => {
    const line = event.target.closest('tr[data-task]');
    if (line && !event.target.closest('a, button, label') && String(window.getSelection()) === '') {
      location.hash = taskAt(line.dataset.task);
    }
  });
  drawChosen();
  fill(none, 'Looking…');
  table.hidden = newer.hidden = older.hidden = true;
  const list = repeat(async signal => {
    try {
      await load(signal);
    } catch (refusal) {
      if (refusal instanceof Refusal && rows.length === 0) {
        fill(none, refusal.status === 503 ? 'The list cannot be read while the store is away.' : refusal.message);
      }
      throw refusal;
    }
  }, PAUSE);
  ends.push(list);
  document.addEventListener('errand-configuration', total);
  const ended = event => {
    (event.detail || []).forEach(id => chosen.delete(id));
    drawChosen();
    list.now();
  };
  document.addEventListener('errand-ended', ended);
  return () => {
    chosen.clear();
    document.removeEventListener('errand-ended', ended);
    document.removeEventListener('errand-configuration', total);
    ends.forEach(end => end());
  };
}

