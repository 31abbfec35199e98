// The replicas with what each runs, and the configuration of the one that answers.
import { ask, repeat } from './api.js';
import { badge, button, el, facts, fill } from './dom.js';
import { list, mono, when } from './words.js';
import { confirm } from './interrupt.js';
import { lookAtReplicas } from './banners.js';

const cell = (label, ...children) => el('td', { role: 'cell', 'data-label': label }, children);

function table(context, replicas, self, reload) {
  const odd = name => {
    const up = replicas.filter(each => each.state === 'up').map(each => each[name]);
    return new Set(up).size > 1 ? 'differs' : null;
  };
  const heads = ['Replica', 'State', 'Revision', 'Mode', 'Build', 'Up since', 'Action'];
  return el('table', { role: 'table', 'aria-label': 'Replicas' },
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, heads.map(head =>
      el('th', { role: 'columnheader', scope: 'col' }, head === 'Action' ? el('span', { class: 'unseen' }, head) : head)))),
    el('tbody', { role: 'rowgroup' }, replicas.map(each => el('tr', { role: 'row', class: each.state },
      el('th', { role: 'rowheader', scope: 'row' }, mono(each.instance), each.instance === self ? el('span', { class: 'faint' }, ' (this one)') : null,
        el('p', { class: 'faint mono break' }, each.url)),
      cell('State', badge(each.state, each.state === 'lost' ? 'deny' : 'permit')),
      cell('Revision', el('span', { class: odd('revision') }, mono(String(each.revision).slice(0, 20) + '…', each.revision))),
      cell('Mode', el('span', { class: odd('mode') }, each.mode)),
      cell('Build', el('span', { class: odd('build') }, each.build)),
      cell('Up since', when(each.since)),
      el('td', { role: 'cell', class: 'act' }, context.mayOperate && each.state === 'lost'
        ? button('Give up its log…', async () => {
          if (await confirm('Give up the log of ' + each.instance + '?',
            'Answers no longer say that it is missing. Do it only when its disk is gone for good: a replica that comes back is known again.',
            'Give it up')) {
            await ask('/replicas/' + encodeURIComponent(each.instance), { method: 'DELETE' });
            lookAtReplicas();
            reload();
          }
        }, { class: 'danger small' })
        : null)))));
}

export function showFleet(main, context) {
  const replicas = el('div');
  const running = el('div');
  main.append(el('h1', { tabindex: '-1' }, 'Replicas'), replicas, el('h2', {}, 'What this replica runs'), running);
  let drawn = '';
  const end = repeat(async signal => {
    const [fleet, now] = await Promise.all([
      ask('/replicas', { signal }).catch(refusal => ({ fault: refusal.message, replicas: [] })), ask('/configuration', { signal })]);
    // Counts of tasks change all the time, and are not shown here.
    const told = JSON.stringify([fleet, { ...now, tasks: null }]);
    if (told === drawn) {
      return;
    }
    drawn = told;
    fill(replicas, fleet.fault ? el('p', { class: 'fault' }, fleet.fault) : table(context, fleet.replicas, now.instance, end.now));
    fill(running, facts({
      Revision: mono(now.revision),
      Mode: now.mode === 'observe' ? badge('observe', 'near') : now.mode,
      Since: when(now.since),
      Files: now.current ? 'the same' : el('span', {}, 'refused ', when(now.refused_at), ': ', mono(now.file_revision)),
      'Restart needed for': list(now.restart_needed),
      Keys: mono(list(now.keys)),
      Build: now.build,
    }), now.faults.length ? el('ul', { class: 'faults' }, now.faults.map(fault => el('li', { class: 'mono break' }, fault))) : null);
  }, 8000);
  return end;
}
