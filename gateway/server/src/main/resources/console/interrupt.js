// Ending tasks: one, or all that match. What will match is shown first, and a reason is asked for.
import { Refusal, ask, withQuery } from './api.js';
import { bar, button, el, fill, say } from './dom.js';
import { agent, list, mono, number, person, personInFull, plural, short } from './words.js';

const SHOWN = 6;
const COUNTED = 1000;
const MOST_PAGES = 50;
const LOCKS = [['', 'may start again at once'], ['15m', 'are refused for 15 minutes'], ['1h', 'are refused for an hour'],
  ['12h', 'are refused for 12 hours'], ['7d', 'are refused for 7 days']];
let serial = 0;

/** A dialog of the page; Escape and Cancel close it, and the focus goes back to where it was. */
function dialog(title, ...children) {
  const id = 'dialog-' + ++serial;
  const before = document.activeElement;
  const made = el('dialog', { 'aria-labelledby': id, on: { close: () => {
    made.remove();
    before && before.isConnected && before.focus();
  } } }, el('h2', { id }, title), children);
  document.body.append(made);
  made.showModal();
  return made;
}

/** Asks yes or no; true for yes. */
export function confirm(title, words, yes) {
  return new Promise(resolve => {
    let answer = false;
    const made = dialog(title, el('p', {}, words), el('div', { class: 'actions' },
      button('Cancel', () => made.close(), { class: 'quiet', autofocus: true }),
      button(yes, () => { answer = true; made.close(); }, { class: 'danger' })));
    made.addEventListener('close', () => resolve(answer));
  });
}

function choice(name, label, checked, on) {
  return el('label', { class: 'choice' }, el('input', { type: 'radio', name, checked, on: { change: on } }), el('div', { class: 'break' }, label));
}

/** The ways to choose from a task: itself, or all that share what it has. */
function scopesOf(task) {
  const scopes = [{ label: ['This task, ', mono(task.task)], one: task.task, note: el('div', { class: 'faint' },
    list([task.template, person(task.human), typeof task.denied === 'number' ? number(task.denied) + ' refused' : null].filter(Boolean))) }];
  if (task.human) {
    scopes.push({ label: ['Every task that ', el('strong', {}, personInFull(task.human)), ' started'], select: { human: task.human } });
  }
  if (task.agent) {
    scopes.push({ label: ['Every task of the agent ', mono(agent(task.agent))], select: { agent: task.agent } });
  }
  if (task.template) {
    scopes.push({ label: ['Every task of the template ', el('strong', {}, task.template)], select: { template: task.template } });
  }
  scopes.slice(1).forEach(each => { each.note = el('div', { class: 'faint' }, 'Counting…'); });
  return scopes;
}

/** The fields from which a selector is made where no task is at hand. */
function fieldsOf(filters, changed) {
  const [issuer, subject] = /^\S+ \S/.test(filters.human || '') ? filters.human.split(/ (.*)/) : ['', filters.human || ''];
  const input = (value, more) => el('input', { value, autocomplete: 'off', spellcheck: 'false', ...more, on: { input: changed } });
  const all = el('input', { type: 'checkbox', on: { change: changed } });
  const inputs = { iss: input(issuer, { placeholder: 'https://idp.example.org' }), sub: input(subject), agent: input(filters.agent || '',
    { placeholder: 'spiffe://…' }), template: input(filters.template || '') };
  const label = (words, field) => el('label', { class: 'field' }, el('span', {}, words), field);
  return {
    nodes: [el('p', { class: 'hint' }, 'What is filled in must all match.'),
      el('div', { class: 'fields' }, label('Template', inputs.template), label('Agent', inputs.agent), label('Person', inputs.sub),
        label('Person’s issuer', inputs.iss)),
      el('label', { class: 'choice' }, all, el('span', {}, 'Every task of this gateway'))],
    get selector() {
      const value = name => inputs[name].value.trim();
      const select = {};
      if (value('iss') && value('sub')) {
        select.human = { iss: value('iss'), sub: value('sub') };
      }
      for (const name of ['agent', 'template']) {
        if (value(name)) {
          select[name] = value(name);
        }
      }
      if (all.checked) {
        select.all = true;
      }
      // A person by half would silently widen what is ended.
      return Boolean(value('iss')) !== Boolean(value('sub')) || Object.keys(select).length === 0 ? null : select;
    },
    get lacking() {
      return Boolean(inputs.iss.value.trim()) !== Boolean(inputs.sub.value.trim())
        ? 'A person needs both the name and the issuer.' : 'Name a template, an agent or a person, or choose every task.';
    },
  };
}

/** How many run that match, and the newest of them. */
async function matching(select, signal) {
  const query = { state: 'active', template: select.template, agent: select.agent, limit: COUNTED,
    human: select.human ? select.human.iss + ' ' + select.human.sub : null };
  const found = [];
  let cursor = null;
  let pages = 0;
  do {
    const page = await ask(withQuery('/tasks', { ...query, cursor }), { signal });
    found.push(...page.tasks);
    cursor = page.cursor;
    pages += 1;
  } while (cursor !== null && found.length < COUNTED && pages < MOST_PAGES);
  return { found, more: cursor !== null };
}

/** Says beside a choice how many tasks it would end. */
const tellHowMany = (note, { found, more }) => fill(note, more && found.length === 0 ? 'None found so far: the search was too long.'
  : (more ? 'at least ' : '') + plural(found.length, 'running task') + ', as listed here');

/** Counts for each choice in turn: a large fleet is not read three times at once. */
async function count(scopes, signal) {
  for (const { note, select } of scopes) {
    try {
      tellHowMany(note, await matching(select, signal));
    } catch (failed) {
      if (signal.aborted) {
        return;
      }
      fill(note, 'They cannot be counted now.');
    }
  }
}

const line = task => el('li', {}, mono(short(task.task), task.task), ' ', task.template, ' ', el('span', { class: 'faint' }, person(task.human)), ' ',
  bar(task.used, Math.round(task.used * 100) + ' %'));

/** Ends one task after the other, and tells how many did not end. */
async function endEach(tasks, body) {
  const failed = [];
  for (const each of tasks) {
    try {
      await ask('/tasks/' + encodeURIComponent(each.task) + '/interrupt', { method: 'POST', body });
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.status === 401) {
        throw refusal;
      }
      failed.push(short(each.task) + ' (' + refusal.message + ')');
    }
  }
  if (failed.length === tasks.length) {
    throw new Refusal(0, failed[0]);
  }
  return ['Ended ' + plural(tasks.length - failed.length, 'task') + '.', failed.length ? 'Not ended: ' + failed.join(', ') + '.' : null];
}

/**
 * Asks what to end and why, and ends it. With `task` it begins at that task, with `tasks` it ends these, with `filters` it begins at
 * what is filtered; with `standing` it ends that standing errand with its runs.
 */
export function openInterrupt({ task = null, tasks = null, standing = null, filters = {}, lock = '' }) {
  const name = 'scope-' + serial;
  const scopes = task ? scopesOf(task) : [];
  let scope = scopes[0] || null;
  let search = null;
  let matched = null;
  let timer = 0;
  const counting = new AbortController();

  const preview = el('div', { class: 'preview', 'aria-live': 'polite' });
  const why = el('input', { required: true, maxlength: '512', autocomplete: 'off', 'aria-describedby': 'why-hint' });
  const lasts = el('select', {}, LOCKS.map(([value, label]) => el('option', { value, selected: value === lock }, label)));
  const lockField = el('label', { class: 'field' }, el('span', {}, 'New starts that match'), lasts);
  const tell = el('input', { type: 'checkbox' });
  const fault = el('p', { class: 'fault', role: 'alert' });
  fault.hidden = true;
  const go = el('button', { class: 'danger' }, 'End');
  const fields = task || tasks || standing ? null : fieldsOf(filters, () => choose(null));

  function choose(chosen) {
    if (standing) {
      lockField.hidden = true;
      fill(preview, el('p', {}, 'No run of it starts any more, and its active runs end now: ', el('strong', {}, standing.template), ', ',
        personInFull(standing.human), ', ', mono(standing.id)));
      return label();
    }
    if (tasks) {
      lockField.hidden = true;
      matched = tasks.length;
      fill(preview, el('p', {}, el('strong', {}, plural(tasks.length, 'task')), ' will end now' + (tasks.length > SHOWN ? ', among them:' : ':')),
        el('ul', { class: 'plain' }, tasks.slice(0, SHOWN).map(line)));
      return label();
    }
    if (task) {
      scope = chosen;
    }
    const selector = task ? scope.select : fields.selector;
    lockField.hidden = Boolean(task && scope.one);
    matched = null;
    search && search.abort();
    clearTimeout(timer);
    if (task && scope.one) {
      matched = 1;
      fill(preview, el('p', {}, 'Its next call is refused, and its streams are cut within a second. Other tasks go on.'));
      return label();
    }
    if (!selector) {
      fill(preview, el('p', { class: 'hint' }, fields.lacking));
      return label();
    }
    fill(preview, el('p', { class: 'faint' }, 'Looking for what matches…'));
    search = new AbortController();
    const { signal } = search;
    timer = setTimeout(() => matching(selector, signal).then(({ found, more }) => {
      if (more && found.length === 0) {
        fill(preview, el('p', {}, 'The search was too long and found none so far. What matches will end all the same.'));
        return label();
      }
      matched = found.length;
      scope && tellHowMany(scope.note, { found, more });
      fill(preview, el('p', {}, el('strong', {}, (more ? 'At least ' : '') + plural(found.length, 'task')), ' will end now',
        found.length === 0 ? ': none runs that matches. The lock counts for starts to come.' : found.length > SHOWN ? ', the newest being:' : ':'),
      el('ul', { class: 'plain' }, found.slice(0, SHOWN).map(line)));
      label();
    }, refusal => {
      if (refusal instanceof Refusal) {
        fill(preview, el('p', { class: 'fault' }, 'What matches cannot be shown: ' + refusal.message));
      }
    }), 200);
    return label();
  }

  function label() {
    fill(go, standing ? 'End it' : task && scope.one ? 'End this task' : matched === null ? 'End all that match' : 'End ' + plural(matched, 'task'));
    go.disabled = !(tasks || standing || (task ? scope : fields.selector));
  }

  async function end() {
    if (standing) {
      await ask('/standing/' + encodeURIComponent(standing.id) + '/end', { method: 'POST', body: { why: why.value.trim() } });
      return ['The standing errand is ended, and its active runs with it.'];
    }
    const body = { why: why.value.trim(), tell: tell.checked };
    if (tasks) {
      return endEach(tasks, body);
    }
    const selector = task ? scope.select : fields.selector;
    if (task && scope.one) {
      const done = await ask('/tasks/' + encodeURIComponent(scope.one) + '/interrupt', { method: 'POST', body });
      return ['Task ' + scope.one + ' is ' + done.state + '.', done.recorded ? null : 'The log has no record of it yet.',
        done.confirmed ? null : 'No replica of the store has confirmed it.'];
    }
    if (lasts.value) {
      body.lock = lasts.value;
    }
    const done = await ask('/tasks/interrupt', { method: 'POST', body: { ...selector, ...body }, wait: 40000 });
    return ['Ended ' + plural(done.ended, 'task') + '.', done.standing ? 'Ended ' + plural(done.standing, 'standing errand') + '.' : null,
      done.ending === null ? 'Not all tasks have been looked at yet. The gateway ends the others that match.'
        : done.ending > 0 ? plural(done.ending, 'more task') + (done.ending === 1 ? ' is' : ' are') + ' being ended.' : null,
      done.lock ? 'New starts are refused until ' + done.lock.until + '.' : null];
  }

  const form = el('form', { on: { submit: async event => {
    event.preventDefault();
    fault.hidden = true;
    if (why.value.trim() === '') {
      why.focus();
      return;
    }
    go.disabled = true;
    fill(go, 'Ending…');
    try {
      const told = (await end()).filter(Boolean);
      say(told.join(' '));
      const close = button('Close', () => made.close(), { class: 'main' });
      fill(form, told.map(each => el('p', {}, each)), el('div', { class: 'actions' }, close));
      close.focus();
      document.dispatchEvent(new CustomEvent('errand-ended', { detail: tasks ? tasks.map(each => each.task) : task ? [task.task] : [] }));
    } catch (refusal) {
      fill(fault, refusal instanceof Refusal ? 'Not ended: ' + refusal.message : 'Not ended: ' + refusal);
      fault.hidden = false;
      label();
    }
  } } },
  task && scopes.length > 1 ? el('fieldset', {}, el('legend', {}, 'What to end'),
    scopes.map((each, i) => choice(name, [each.label, each.note], i === 0, () => choose(each)))) : null,
  fields ? el('fieldset', {}, el('legend', {}, 'What to end'), fields.nodes) : null,
  preview, lockField,
  el('label', { class: 'field' }, el('span', {}, 'Reason'), why),
  el('p', { class: 'hint', id: 'why-hint' }, 'It goes to the log with your name.'),
  standing ? null : el('label', { class: 'choice' }, tell, el('span', {}, 'Tell the agents the reason, too')),
  fault,
  el('div', { class: 'actions' }, button('Cancel', () => made.close(), { class: 'quiet' }), go));
  const made = dialog(standing ? 'End a standing errand' : task ? 'End a task' : tasks ? 'End the chosen tasks' : 'End many tasks', form);
  made.addEventListener('close', () => { search && search.abort(); counting.abort(); clearTimeout(timer); });
  choose(scope);
  count(scopes.slice(1), counting.signal);
  (task || tasks || standing ? why : fields.nodes[1].querySelector('input')).focus();
}

