// The operator's console. All that is shown comes from the operator's API and is put in as text, never as markup.
'use strict';

const at = id => document.getElementById(id);
let shown = null;

async function ask(path, options) {
  const answer = await fetch(path, { headers: { Accept: 'application/json' }, ...options });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Error(answer.status + ' ' + (body.detail || answer.statusText));
  }
  return body;
}

// As the gateway prints text: what ends a line, turns its direction or is not seen is shown as an escape.
const printable = text => String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u2065\ufff0-\ufff8]/gu, found =>
  found.split('').map(unit => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0')).join(''));

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text === null || text === undefined ? '-' : printable(text);
  if (className) {
    made.className = className;
  }
  return made;
}

function row(cells, className) {
  const made = document.createElement('tr');
  for (const cell of cells) {
    if (cell instanceof Node) {
      made.appendChild(document.createElement('td')).append(cell);
    } else {
      made.append(element('td', cell));
    }
  }
  made.className = className;
  return made;
}

function facts(list, pairs) {
  list.replaceChildren(...Object.entries(pairs).flatMap(([name, value]) => [element('dt', name), element('dd', value)]));
}

const human = of => of ? of.sub + ' at ' + of.iss : null;
const list = of => (of || []).join(', ');

async function configuration() {
  const now = await ask('/configuration');
  facts(at('configuration'), {
    'running revision': now.revision,
    'mode': now.mode,
    'since': now.since,
    'files': now.current ? 'the same' : now.file_revision + ', refused at ' + now.refused_at,
    'restart needed for': list(now.restart_needed) || 'nothing',
    'keys': list(now.keys),
  });
  at('faults').replaceChildren(...now.faults.map(fault => element('li', fault)));
}

async function tasks() {
  const found = (await ask('/tasks')).tasks;
  found.sort((one, other) => (other.state === 'active') - (one.state === 'active'));
  at('tasks').replaceChildren(...found.map(task => {
    const open = element('button', task.task);
    open.type = 'button';
    open.addEventListener('click', () => run(() => show(task.task)));
    return row([open, task.state, task.template, human(task.human), task.agent, task.last && task.last.time], task.state);
  }));
}

async function show(id) {
  shown = id;
  at('find').elements.task.value = id;
  at('task').hidden = true;
  at('interrupt').hidden = false;
  const task = await ask('/tasks/' + encodeURIComponent(id));
  facts(at('facts'), {
    'state': task.state,
    'template': task.template,
    'revision': task.revision,
    'human': human(task.human),
    'anchor': task.anchor,
    'ending': task.ending ? task.ending.time + ' by ' + task.ending.by + ': ' + task.ending.why : null,
    'used': Object.entries(task.used || {}).map(([name, count]) => name + ' ' + count).join(', '),
  });
  at('timeline').replaceChildren(...task.calls.map(call => {
    const holder = (call.agents || []).at(-1);
    return row([call.time, holder && (holder.sub || holder.jkt), call.operation, list(call.resource),
      call.code ? call.outcome + ' ' + call.code : call.outcome, call.upstream_status, call.decision], call.outcome);
  }));
  at('interrupt').hidden = task.state !== 'active';
  at('task').hidden = false;
}

async function interrupt(form) {
  const why = form.elements.why.value.trim();
  if (shown && why && window.confirm('End ' + printable(shown) + '?')) {
    await ask('/tasks/' + encodeURIComponent(shown) + '/interrupt',
      { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ why }) });
    form.reset();
    await Promise.all([show(shown), tasks()]);
  }
}

async function run(action) {
  at('fault').hidden = true;
  try {
    await action();
  } catch (error) {
    at('fault').textContent = printable(error.message);
    at('fault').hidden = false;
  }
}

at('refresh').addEventListener('click', () => run(() => Promise.all([configuration(), tasks()])));
at('find').addEventListener('submit', event => {
  event.preventDefault();
  run(() => show(at('find').elements.task.value.trim()));
});
at('interrupt').addEventListener('submit', event => {
  event.preventDefault();
  run(() => interrupt(event.target));
});
run(() => Promise.all([configuration(), tasks()]));
