// Locks: which starts are refused, since when and why.
import { Refusal, ask, repeat } from './api.js';
import { button, el, fill, keyed } from './dom.js';
import { agent, mono, personInFull, when } from './words.js';
import { confirm, openInterrupt } from './interrupt.js';

/** Whom a lock means, in words. */
function meant(lock) {
  return [lock.all === true && 'every start', lock.template && 'template ' + lock.template, lock.human && personInFull(lock.human),
    lock.agent && agent(lock.agent)].filter(Boolean).join(', ');
}

export function showLocks(main, context) {
  const none = el('p', { class: 'none' }, 'Looking…');
  const cards = el('ul', { class: 'cards wide' });
  main.append(el('h1', { tabindex: '-1' }, 'Locks'),
    el('p', { class: 'lead' }, 'While a lock stands, starts that match are refused. Lifting a lock brings back nothing that ended.'),
    context.mayOperate ? el('p', {}, button('Lock…', () => openInterrupt({ filters: {}, lock: '15m' }), { class: 'danger' })) : null, none, cards);
  const draw = keyed(cards, each => each.id, lock => el('li', { class: 'card' },
    el('div', { class: 'card-head' }, el('strong', { class: 'break' }, meant(lock)),
      context.mayOperate ? button('Lift…', async () => {
        if (await confirm('Lift this lock?', 'Starts of ' + meant(lock) + ' are allowed again.', 'Lift it')) {
          await ask('/locks/' + encodeURIComponent(lock.id), { method: 'DELETE' });
          end.now();
        }
      }, { class: 'small', 'aria-label': 'Lift the lock ' + lock.id + '…' }) : null),
    el('p', { class: 'break' }, lock.why),
    el('p', { class: 'faint' }, 'ends ', when(lock.until), ', by ' + lock.by + ', ', mono(lock.id))));
  const end = repeat(async signal => {
    try {
      const { locks } = await ask('/locks', { signal });
      draw(locks);
      fill(none, 'No start is locked.');
      none.hidden = locks.length > 0;
      context.count('locks', locks.length);
    } catch (refusal) {
      if (refusal instanceof Refusal) {
        fill(none, refusal.message);
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
