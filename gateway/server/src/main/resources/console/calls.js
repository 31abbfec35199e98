// Calls as their records tell them, each with its explanation on a click.
import { ask } from './api.js';
import { badge, el, fill } from './dom.js';
import { agent, clock, list, mono, personInFull, taskAt, when } from './words.js';

const MARKS = { passed: '✓', refused: '✕', observed: '!', 'not reached': '·' };

async function explain(id, place) {
  fill(place, el('p', { class: 'faint' }, 'Looking…'));
  try {
    const told = await ask('/decisions/' + encodeURIComponent(id));
    const why = told.explanation;
    fill(place,
      el('p', { class: 'verdict' }, why.verdict),
      el('ol', { class: 'checks' }, why.checks.map(check => el('li', { class: check.result.replace(' ', '-') },
        el('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[check.result] || '·'),
        el('span', { class: 'check' }, check.check), el('span', { class: 'result' }, check.result),
        check.input ? el('p', { class: 'mono break' }, check.input) : null,
        check.rules.map(rule => el('p', { class: 'mono break rule' }, rule))))),
      el('p', { class: 'faint break' }, why.policy, '. Record ' + told.index + ' of its log',
        told.evidence ? ', proven by a signed checkpoint.' : '; no signed checkpoint covers it yet.',
        told.missing && told.missing.length ? ' Replicas that did not answer: ' + list(told.missing) + '.' : ''),
      el('details', {}, el('summary', {}, 'The record'), el('pre', {}, JSON.stringify(told.record, null, 2))));
  } catch (refusal) {
    fill(place, el('p', { class: 'fault' }, refusal.message));
  }
}

/** A call about which a human was asked is no violation. */
export const asksHuman = code => code === 'approval-required';

export const refusalKind = code => asksHuman(code) ? 'near' : 'deny';

function outcome(call) {
  if (call.waiting) {
    return badge(call.count > 1 ? 'waiting, ' + call.count + ' calls' : 'waiting', 'near');
  }
  if (call.outcome === 'deny') {
    return badge(call.code, refusalKind(call.code));
  }
  const status = call.upstream_status;
  const word = call.compensated ? 'not sent' : status ? String(status) : 'permitted';
  return badge(call.code ? 'would be ' + call.code : word, call.code ? 'near' : status >= 400 ? 'failed' : 'permit');
}

/**
 * One call as a list item.
 *
 * @param task whether the call names its task, too
 */
export function callItem(call, { task = false } = {}) {
  const place = el('div', { class: 'why', id: 'why-' + call.decision });
  place.hidden = true;
  const holder = (call.agents || []).at(-1) || {};
  const open = el('button', { type: 'button', class: 'open', 'aria-expanded': 'false', 'aria-controls': place.id,
    on: { click: () => {
      place.hidden = !place.hidden;
      open.setAttribute('aria-expanded', String(!place.hidden));
      if (!place.hidden && !place.hasChildNodes()) {
        explain(call.decision, place);
      }
    } } },
  el('span', { class: 'clock' }, task ? when(call.time) : clock(call.time)),
  outcome(call),
  el('span', { class: 'what' }, mono(call.operation || 'no operation'), ' ', el('span', { class: 'mono faint break' }, list(call.resource))),
  el('span', { class: 'who faint break' }, agent(holder.sub) || (holder.jkt ? 'key ' + String(holder.jkt).slice(0, 10) + '…' : 'not verified')));
  return el('li', { class: 'call', 'data-decision': call.decision },
    open,
    call.outcome === 'deny' && call.detail ? el('p', { class: 'detail break' }, call.detail) : null,
    task ? el('p', { class: 'of faint' },
      call.task ? ['Task ', el('a', { href: taskAt(call.task), class: 'mono' }, call.task)] : 'No task: the caller did not verify',
      call.template ? [', ', call.template] : null, call.human ? [', ', personInFull(call.human)] : null) : null,
    place);
}
