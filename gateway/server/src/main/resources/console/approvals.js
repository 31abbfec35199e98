// Calls that wait for a human. Operators see them here; who may decide does it at the request's own address, as themselves.
import { Refusal, ask, repeat } from './api.js';
import { badge, el, fill, keyed } from './dom.js';
import { mono, personInFull, plural, taskAt, when } from './words.js';

function item(each) {
  const outside = /^https?:\/\//.test(each.uri);
  return el('li', { class: 'card' },
    el('div', { class: 'card-head' }, mono(each.operation), ' ', el('span', { class: 'mono break faint' }, [each.resource].flat().join(', ')),
      badge(each.code, 'near')),
    el('p', {}, each.approvals + ' of ' + plural(each.quorum, 'approval') + ', ends ', when(each.ends)),
    el('p', { class: 'faint break' }, 'Task ', el('a', { href: taskAt(each.task), class: 'mono' }, each.task), ', ' + each.template + ', '
      + personInFull(each.human)),
    el('p', { class: 'break' }, outside ? el('a', { href: each.uri, target: '_blank', rel: 'noreferrer noopener' }, each.uri) : each.uri));
}

export function showApprovals(main, context) {
  const none = el('p', { class: 'none' }, 'Looking…');
  const cards = el('ul', { class: 'cards wide' });
  main.append(el('h1', { tabindex: '-1' }, 'Approvals waiting'),
    el('p', { class: 'lead' }, 'Calls that wait for a human, those that end first at the front. Whoever the template names decides, at the '
      + 'address below. An operator’s token approves nothing.'), none, cards);
  const draw = keyed(cards, each => each.id, item);
  return repeat(async signal => {
    try {
      const { approvals } = await ask('/approvals', { signal });
      const now = Date.now();
      // Whole ten seconds, so that a card is drawn anew only when something happened.
      draw(approvals.map(({ expires_in: left, ...each }) =>
        ({ ...each, ends: new Date(Math.round((now + left * 1000) / 10000) * 10000).toISOString() })));
      fill(none, 'No call waits for a human.');
      none.hidden = approvals.length > 0;
      context.count('approvals', approvals.length);
    } catch (refusal) {
      if (refusal instanceof Refusal) {
        fill(none, refusal.message);
      }
      throw refusal;
    }
  }, 5000);
}
