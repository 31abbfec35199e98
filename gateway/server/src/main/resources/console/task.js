// One task: who, what it may do and has done, where its plan stands, and every call.
import { Refusal, ask, repeat } from './api.js';
import { badge, bar, button, el, facts, fill, keyed, say } from './dom.js';
import { agent, list, mono, number, outcomes, period, personInFull, plural, when } from './words.js';
import { callItem } from './calls.js';
import { drawPlan } from './plan.js';
import { missing } from './banners.js';
import { confirm, openInterrupt } from './interrupt.js';

const STEP = 100;

/** A part of the page that is drawn anew only when what it shows has changed. */
function part(main, title, draw) {
  const inner = el('div');
  const section = el('section', {}, title ? el('h2', {}, title) : null, inner);
  main.append(section);
  let drawn = '';
  return (...shown) => {
    const told = JSON.stringify(shown);
    if (told !== drawn) {
      drawn = told;
      const made = draw(...shown);
      section.hidden = made === null;
      fill(inner, made);
    }
  };
}

function holder(node) {
  return el('li', {}, el('div', { class: 'holder' },
    el('span', { class: 'mono break', title: node.jkt }, agent(node.sub) || 'key ' + String(node.jkt).slice(0, 16) + '…'),
    node.attested === true ? badge('attested', 'permit') : badge('not attested', 'plain'),
    el('span', { class: 'faint' }, outcomes(node.permitted, node.denied || 0)),
    node.ending ? el('span', { class: 'bad' }, 'ended ', when(node.ending.time)) : null),
  node.children.length ? el('ul', {}, node.children.map(holder)) : null);
}

const dated = time => time ? [when(time), el('span', { class: 'faint' }, ' (' + time.replace(/\.\d+Z$/, 'Z') + ')')] : null;

/** The human at the top, below them each holder and whom it passed a token to. */
const tree = task => el('ul', { class: 'tree' }, el('li', {},
  el('div', { class: 'holder' }, el('strong', {}, personInFull(task.human) || 'nobody known'), task.anchor
    ? el('span', { class: 'faint break' }, 'by the word of ' + task.anchor) : null),
  task.holders.length ? el('ul', {}, task.holders.map(holder)) : el('p', { class: 'none' }, 'No holder has called yet.')));

function limits(task) {
  const left = task.left || {};
  const rows = [];
  const add = (name, used, most, words) => rows.push(el('li', {}, el('span', { class: 'mono break' }, name),
    bar(most ? used / most : 0, number(used) + ' of ' + number(most)), el('span', { class: 'faint' }, words)));
  const told = task.limits;
  if (told && told.calls !== null) {
    const rest = told.calls_left !== null && told.calls_left !== undefined ? told.calls_left : left.calls;
    add('calls', rest === undefined || rest === null ? task.used.calls : told.calls - rest, told.calls, 'for the whole task');
  }
  if (told) {
    for (const [name, buckets] of Object.entries(told.buckets)) {
      const least = buckets.reduce((one, other) => other.capacity < one.capacity ? other : one);
      if (left[name] !== undefined) {
        add(name, Math.max(0, least.capacity - left[name]), least.capacity, 'a bucket that refills in ' + period(least.period_ms)
          + ', as the last call left it' + (least.observe ? '; only observed' : ''));
      } else {
        rows.push(el('li', {}, el('span', { class: 'mono break' }, name), el('span', {}, list(buckets.map(bucket =>
          number(bucket.capacity) + ' in ' + period(bucket.period_ms))))));
      }
    }
  }
  for (const [name, rest] of Object.entries(left)) {
    if (name !== 'calls' && !(told && told.buckets[name])) {
      rows.push(el('li', {}, el('span', { class: 'mono break' }, name), el('span', {}, number(rest) + ' left after the last call')));
    }
  }
  return rows.length ? el('ul', { class: 'limits' }, rows) : el('p', { class: 'none' }, 'No budget and no bucket.');
}

/** A constraint as a type and what it says, such as `exact "a"`; what is nested stays JSON. */
function constraint(of) {
  if (of === null || typeof of !== 'object' || typeof of.constraint_type !== 'string') {
    return JSON.stringify(of);
  }
  const { constraint_type: type, optional, ...rest } = of;
  const values = Object.values(rest).map(value => JSON.stringify(value));
  return [type, values.join(', ')].filter(Boolean).join(' ') + (optional ? ', optional' : '');
}

function constraints(of) {
  const names = Object.keys(of);
  return names.length === 0 ? 'any arguments'
    : el('div', {}, names.map(name => el('div', {}, el('span', { class: 'faint' }, name + ' '), constraint(of[name]))));
}

/** A call that met an open request for approval is none. */
const refused = call => call.outcome === 'deny' && !call.waiting;

function granted(task) {
  const counts = new Map();
  task.calls.filter(call => refused(call) && call.operation).forEach(call =>
    counts.set(call.operation, (counts.get(call.operation) || 0) + 1));
  const names = new Set([...Object.keys(task.granted || {}), ...Object.keys(task.used).filter(name => name.startsWith('op:')).map(name => name.slice(3)),
    ...counts.keys()]);
  if (names.size === 0) {
    return el('p', { class: 'none' }, 'Nothing is known of what it was granted, and it called nothing.');
  }
  return el('table', { class: 'granted', role: 'table', 'aria-label': 'Granted against used' },
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ['Operation', 'Granted with', 'Used', 'Refused'].map(head =>
      el('th', { role: 'columnheader', scope: 'col' }, head)))),
    el('tbody', { role: 'rowgroup' }, [...names].sort((one, other) => (task.used['op:' + other] || 0) - (task.used['op:' + one] || 0)
      || one.localeCompare(other)).map(name => {
      const used = task.used['op:' + name] || 0;
      const may = (task.granted || {})[name];
      return el('tr', { role: 'row', class: used === 0 && may ? 'unused' : '' },
        el('th', { role: 'rowheader', scope: 'row' }, mono(name)),
        el('td', { role: 'cell', 'data-label': 'Granted with', class: 'mono break' }, may ? constraints(may)
          : task.granted ? el('span', { class: 'bad' }, 'not granted') : 'not known'),
        el('td', { role: 'cell', 'data-label': 'Used' }, used === 0 ? el('span', { class: 'faint' }, 'never') : number(used)),
        el('td', { role: 'cell', 'data-label': 'Refused' }, counts.get(name) ? el('span', { class: 'bad' }, number(counts.get(name))) : '0'));
    })));
}

const by = name => String(name || '').replace(/^operator:/, 'the operator ');

function happened(task) {
  const items = [...task.operator.map(each => [each.time, by(each.by) + ': ' + each.action + (each.detail ? ' (' + each.detail + ')' : '')]),
    ...task.endings.map(each => [each.time, (each.token ? 'a token was ' : 'the task was ') + each.state + ' by ' + by(each.by)
      + (each.why ? ': ' + each.why : '')]),
    ...task.approvals.map(each => [each.time, 'approval ' + each.outcome + ' of ' + (each.operation || 'a call')])];
  items.sort((one, other) => one[0] < other[0] ? -1 : 1);
  return items.length ? el('ul', { class: 'events' }, items.map(([time, words]) => el('li', {}, when(time), ' ', el('span', { class: 'break' }, words))))
    : null;
}

function passed(task) {
  const states = new Set();
  task.calls.forEach(call => [call.state_before, call.state_after].forEach(state => {
    const found = /^\d+/.exec(state || '');
    if (found) {
      states.add(Number(found[0]));
    }
  }));
  return states;
}

/** Calls whose outcome is unknown: an operator who looked at the upstream says what became of them. */
function unknown(task, settled) {
  return !task.unknown || task.unknown.length === 0 ? null : el('div', { class: 'refusal' }, el('h2', {}, 'Unknown outcomes'),
    el('p', {}, 'No answer came to these calls. Until you say what became of them, the task may do nothing that depends on it. Look at the upstream first.'),
    el('ul', { class: 'plain unknown' }, task.unknown.map(each => el('li', {}, mono(list(each.operations)), ' ', el('span', { class: 'mono faint break' }, each.decision),
      ' since ', when(each.since), task.mayOperate ? el('div', { class: 'actions' },
        button('It happened', () => settled(each, true)), button('It did not happen', () => settled(each, false))) : null))),
    task.fault ? el('p', { class: 'fault', role: 'alert' }, task.fault) : null);
}

export function showTask(main, context, id) {
  const heading = el('h1', { tabindex: '-1', class: 'mono break' }, id);
  const state = el('span');
  const act = el('div', { class: 'act' });
  const template = el('p', { class: 'lead' });
  const absent = el('div');
  const fault = el('p', { class: 'none', role: 'status' }, 'Looking…');
  main.append(el('p', { class: 'back' }, el('a', { href: '#/tasks' }, '← Tasks')),
    el('div', { class: 'title' }, heading, state, act), template, absent, fault);
  const columns = el('div', { class: 'columns' });
  main.append(columns);
  columns.hidden = true;
  const left = columns.appendChild(el('div'));
  const right = columns.appendChild(el('div'));

  const last = part(left, null, call => call ? el('div', { class: 'refusal' }, el('h2', {}, 'The last call was refused'),
    el('p', {}, badge(call.code, 'deny'), ' ', mono(call.operation), ' ', el('span', { class: 'mono break' }, list(call.resource)), ' ', when(call.time)),
    el('p', { class: 'break' }, call.detail),
    call.rule ? el('p', { class: 'faint' }, 'Rule ', mono(call.rule)) : null,
    button('Why', () => {
      const open = main.querySelector('[data-decision="' + CSS.escape(call.decision) + '"] .open');
      if (open) {
        open.getAttribute('aria-expanded') === 'true' || open.click();
        open.scrollIntoView({ block: 'start' });
        open.focus();
      }
    })) : null);
  const open = part(left, null, task => unknown(task, settle));
  const ended = part(left, null, ending => ending ? el('div', { class: 'refusal' }, el('h2', {}, 'The task is over'),
    el('p', { class: 'break' }, ending.state + ' by ' + by(ending.by), ' ', when(ending.time)), el('p', { class: 'break' }, ending.why)) : null);
  const who = part(left, 'Task', shown => facts({ ...shown, Started: dated(shown.Started), Ends: dated(shown.Ends) }));
  const plan = part(left, 'Plan', (drawn, been) => drawn ? drawPlan(drawn, new Set(been))
    : el('p', { class: 'none' }, 'Any order: the template has no plan, or nobody has its revision any more.'));
  const chain = part(right, 'Who holds it', tree);
  const bounds = part(right, 'Limits', limits);
  const grants = part(right, 'Granted against used', granted);
  const events = part(right, 'What else happened', happened);

  const calls = el('ol', { class: 'calls', reversed: true });
  const told = el('p', { class: 'none' });
  const more = button('Show older calls', () => { most += STEP; showCalls(known); });
  const section = el('section', {}, el('h2', {}, 'Calls'), told, calls, more);
  main.append(section);
  section.hidden = true;
  let most = STEP;
  let known = [];
  let omitted = 0;
  let untold = '';
  let meant = null;
  const draw = keyed(calls, call => call.decision, call => callItem(call));
  function showCalls(all) {
    known = all;
    draw(all.slice(-most).reverse());
    more.hidden = all.length <= most;
    fill(told, all.length ? ['The newest first, by the clock of UTC.', el('span', { class: 'roomy' }, ' A click on one tells why.')] : 'It made no call yet.',
      omitted ? ' ' + plural(omitted, 'record') + ' between the first and the newest are left out: `errand task` tells all.' : null);
  }

  function show(task) {
    fault.hidden = true;
    columns.hidden = section.hidden = false;
    fill(state, badge(task.state));
    const first = (task.holders[0] || {}).sub;
    const denied = task.calls.filter(refused).length;
    meant = { task: id, human: task.human, agent: task.agent || first, template: task.template, denied };
    if (act.dataset.state !== task.state) {
      act.dataset.state = task.state;
      fill(act, (task.state === 'active' || task.state === 'unknown') && context.mayOperate ? button('End this task…', () => openInterrupt({ task: meant }), { class: 'danger' }) : null);
    }
    fill(template, el('strong', {}, task.template || 'no template'), task.limits && task.limits.description ? ': ' + task.limits.description : null);
    fill(absent, missing(task.missing));
    const newest = task.calls.at(-1);
    last(task.state === 'active' && newest && newest.outcome === 'deny' ? newest : null);
    open({ unknown: task.state === 'active' ? task.unknown : null, mayOperate: context.mayOperate, fault: untold });
    ended(task.ending);
    who({
      'Started by': personInFull(task.human), Agent: task.agent || first, Started: task.started, Ends: task.state === 'active' ? task.expires : null,
      Parameters: task.parameters ? Object.entries(task.parameters).map(([name, value]) => name + ' = ' + value).join(', ') : null,
      Instruction: task.instructions.map(each => [each.source, each.ref, each.integrity].filter(Boolean).join(', ')).join('; ') || null,
      Revision: task.revision, Calls: outcomes(task.used.calls, denied),
    });
    plan(task.plan, [...passed(task)]);
    chain({ human: task.human, anchor: task.anchor, holders: task.holders });
    bounds({ left: task.left, limits: task.limits, used: { calls: task.used.calls } });
    grants({ granted: task.granted, used: task.used, calls: task.calls.map(({ operation, outcome, waiting }) => ({ operation, outcome, waiting })) });
    events({ operator: task.operator, endings: task.endings, approvals: task.approvals });
    omitted = task.omitted;
    showCalls(task.calls);
  }

  async function settle(call, happened) {
    const words = 'The call ' + call.decision + ' of ' + list(call.operations) + (happened ? ' happened: ' : ' did not happen: ')
      + 'this goes to the log with your name, and cannot be taken back.';
    if (await confirm(happened ? 'It happened' : 'It did not happen', words, 'Say so')) {
      try {
        await ask('/tasks/' + encodeURIComponent(id) + '/outcomes', { method: 'POST', body: { decision: call.decision, happened } });
        untold = '';
        say('Told.');
      } catch (refusal) {
        untold = 'Not told: ' + (refusal instanceof Refusal ? refusal.message : refusal);
      }
      end.now();
    }
  }

  const end = repeat(async signal => {
    try {
      show(await ask('/tasks/' + encodeURIComponent(id), { signal }));
    } catch (refusal) {
      if (refusal instanceof Refusal && columns.hidden) {
        fill(fault, refusal.status === 404
          ? 'No replica that answered knows a call of this task. One that has just started is known by its first call.' : refusal.message);
        fill(absent, missing(refusal.body.missing));
      }
      throw refusal;
    }
  }, 5000);
  document.addEventListener('errand-ended', end.now);
  return () => {
    document.removeEventListener('errand-ended', end.now);
    end();
  };
}
