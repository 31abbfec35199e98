// Builds the page. Every text goes through `printable` and is put in as text, never as markup.

/** As the gateway prints text: what ends a line, turns its direction or is not seen is shown as an escape. */
export const printable = text => String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u2065\ufff0-\ufff8]/gu, found =>
  found.split('').map(unit => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0')).join(''));

/** A text node; nothing is shown as a dash. */
export const text = value => document.createTextNode(printable(value === null || value === undefined ? '–' : value));

/**
 * An element. Attributes are written as they are named; `on` holds listeners; a value of false, null or undefined leaves one out.
 * Children are nodes or texts; null and false are left out.
 */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'on') {
      Object.entries(value).forEach(([event, listener]) => made.addEventListener(event, listener));
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(key, value === true ? '' : printable(value));
    }
  }
  const inner = nodes(children);
  made.append(...(inner.length === 0 && (name === 'td' || name === 'dd') && !attributes.class ? [text(null)] : inner));
  return made;
}

const nodes = children => children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false && child !== '')
  .map(child => child instanceof Node ? child : text(child));

/** Replaces what is inside. */
export function fill(parent, ...children) {
  parent.replaceChildren(...nodes(children));
  return parent;
}

/** A button that does one thing, and is not used twice while it does it. */
export function button(label, action, attributes = {}) {
  const made = el('button', { type: 'button', ...attributes, on: { click: async event => {
    event.stopPropagation();
    if (made.getAttribute('aria-disabled') !== 'true') {
      made.setAttribute('aria-disabled', 'true');
      try {
        await action(event);
      } finally {
        made.removeAttribute('aria-disabled');
      }
    }
  } } }, label);
  return made;
}

/** A term and what it is, for each pair that has a value. */
export function facts(pairs) {
  return el('dl', { class: 'facts' }, Object.entries(pairs)
    .filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false)
    .map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}

/** A share as a bar and a number: the colour is never alone in saying it. */
export function bar(share, label) {
  const part = Math.max(0, Math.min(1, share));
  const level = share >= 0.95 ? 'full' : share >= 0.8 ? 'near' : 'low';
  const filled = el('span', { class: 'filled' });
  filled.style.width = (part * 100).toFixed(1) + '%';
  return el('span', { class: 'usage ' + level },
    el('span', { class: 'bar', 'aria-hidden': 'true' }, filled),
    el('span', { class: 'number' }, label));
}

/** A word on a coloured ground. */
export const badge = (word, kind) => el('span', { class: 'badge ' + (kind || word) }, word);

/** Says something to those who do not see it change. */
export function say(message) {
  fill(document.getElementById('said'), message);
}

/**
 * Rows that are kept while what they show is the same, so that neither focus nor selection is lost.
 *
 * @param key of an item; @param make of the row's element
 */
export function keyed(parent, key, make) {
  let shown = new Map();
  return items => {
    const next = new Map();
    const elements = items.map(item => {
      const id = key(item);
      const told = JSON.stringify(item);
      const before = shown.get(id);
      const row = before && before.told === told ? before : { told, node: make(item, before && before.node) };
      next.set(id, row);
      return row.node;
    });
    shown = next;
    const same = parent.children.length === elements.length && elements.every((node, i) => parent.children[i] === node);
    if (!same) {
      const focused = parent.contains(document.activeElement) ? document.activeElement : null;
      parent.replaceChildren(...elements);
      if (focused && parent.contains(focused)) {
        focused.focus({ preventScroll: true });
      }
    }
  };
}
