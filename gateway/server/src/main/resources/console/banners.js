// What concerns the whole gateway: the store away, observe mode, replicas that differ or are lost, files that were refused.
import { ask, listen, readAt, repeat } from './api.js';
import { el, fill } from './dom.js';
import { list, plural } from './words.js';

const shown = new Map();

/** The worst first, whichever came first. */
const ORDER = ['store', 'replica', 'lost', 'files', 'observe', 'differ', 'restart'];

function draw() {
  const region = document.getElementById('banners');
  for (const [name, banner] of shown) {
    let node = region.querySelector('[data-banner="' + name + '"]');
    const told = JSON.stringify(banner);
    if (!node) {
      // The live region is there before its words, or nobody is told them.
      node = el('div', { class: 'banner ' + banner.kind, 'data-banner': name, role: banner.kind === 'bad' ? 'alert' : 'status' });
      // One that is there already stays where it is: moved, it would be told again.
      region.insertBefore(node, [...region.children].find(each => ORDER.indexOf(each.dataset.banner) > ORDER.indexOf(name)) || null);
    }
    if (node.dataset.told !== told) {
      node.dataset.told = told;
      fill(node, el('strong', {}, banner.title), ' ', banner.words,
        banner.link ? [' ', el('a', { href: banner.link[0] }, banner.link[1])] : null);
    }
  }
  for (const node of [...region.children]) {
    if (node !== fold && !shown.has(node.dataset.banner)) {
      node.remove();
    }
  }
  // A phone shows the worst one, and the others when they are asked for.
  const others = shown.size - 1;
  fold.hidden = others < 1;
  fill(fold, region.classList.contains('open') ? 'Fewer messages' : plural(others, 'more message'));
  region.append(fold);
}

const fold = el('button', { type: 'button', class: 'fold', 'aria-expanded': 'false', on: { click: () => {
  const open = document.getElementById('banners').classList.toggle('open');
  fold.setAttribute('aria-expanded', String(open));
  draw();
} } });

function banner(name, when, told) {
  if (when) {
    shown.set(name, told());
  } else {
    shown.delete(name);
  }
  draw();
}

listen('away', () => banner('store', true, () => ({ kind: 'bad', title: 'The store is away.',
  words: 'Every call is refused until it answers again. ' + (readAt() === null ? 'Nothing was read from it yet'
    : 'The lists below are as they were at ' + readAt() + ' UTC') + '; ending a task needs the store.' })));
listen('back', () => banner('store', false));
listen('lost', () => banner('replica', true, () => ({ kind: 'bad', title: 'This replica does not answer.',
  words: 'It is asked again every few seconds. Another replica tells the same.' })));
listen('found', () => banner('replica', false));

function ofConfiguration(now) {
  banner('observe', now.mode === 'observe', () => ({ kind: 'warn', title: 'Observe mode.',
    words: 'Limits, plans, rules and flow are judged and recorded, and not enforced.' }));
  banner('files', !now.current, () => ({ kind: 'warn', title: 'The configuration’s files were refused.',
    words: 'An older revision runs. ' + list(now.faults.slice(0, 2)), link: ['#/replicas', 'All faults'] }));
  banner('restart', now.restart_needed.length > 0, () => ({ kind: 'warn', title: 'A restart is needed',
    words: 'for ' + list(now.restart_needed) + '.' }));
}

function ofReplicas(replicas) {
  const lost = replicas.filter(each => each.state === 'lost');
  const up = replicas.filter(each => each.state === 'up');
  const revisions = new Set(up.map(each => each.revision));
  const modes = new Set(up.map(each => each.mode));
  banner('lost', lost.length > 0, () => ({ kind: 'bad', title: plural(lost.length, 'replica is', 'replicas are') + ' lost:',
    words: list(lost.map(each => each.instance)) + '. What only ' + (lost.length > 1 ? 'their logs have' : 'its log has')
      + ' is missing below.', link: ['#/replicas', 'Replicas'] }));
  banner('differ', revisions.size > 1 || modes.size > 1, () => ({ kind: 'warn', title: 'The replicas differ',
    words: 'in ' + [revisions.size > 1 && 'revision', modes.size > 1 && 'mode'].filter(Boolean).join(' and ')
      + '. A roll-out passes through such a time.', link: ['#/replicas', 'Replicas'] }));
}

let asked = () => {};

/** Asks for the replicas at once, as after a change of them. */
export const lookAtReplicas = () => asked();

/** Watches all of it; gives back what ends that. */
export function watch(context, told) {
  const ends = [
    repeat(async signal => {
      const now = await ask('/configuration', { signal });
      told(now);
      ofConfiguration(now);
    }, 10000),
    repeat(async signal => ofReplicas((await ask('/replicas', { signal })).replicas), 10000),
    repeat(async signal => context.count('approvals', (await ask('/approvals', { signal })).approvals.length), 20000),
    repeat(async signal => context.count('locks', (await ask('/locks', { signal })).locks.length), 30000),
  ];
  asked = ends[1].now;
  return () => {
    asked = () => {};
    ends.forEach(end => end());
    shown.clear();
    draw();
  };
}

/** Says which replicas did not answer; nothing where all did. */
export function missing(names) {
  return names && names.length
    ? el('p', { class: 'notice' }, plural(names.length, 'replica') + ' did not answer: ' + list(names)
      + '. What only their logs have is missing here.')
    : null;
}

