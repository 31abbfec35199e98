// Questions to the gateway. The token is in sessionStorage: a reload keeps it, the end of the tab ends it, and no other tab and
// no other origin reads it. It is sent in a header, and stands in no URL. What the page does not need to remember it does not keep.
//
// A session of a sign-in at a provider is a cookie, which the browser sends to every port of this host, and a second secret, which only
// pages of this origin can read. It is in localStorage, so that every tab has it.

const KEY = 'errand-operator-token';
const SECRET = 'errand-operator-session';
const WAIT = 12000;
const listeners = new Map();

/** Why there is no answer: the gateway's own word, or that nothing came. */
export class Refusal extends Error {
  constructor(status, detail, body) {
    super(detail);
    this.status = status;
    this.body = body || {};
  }
}

/** `away` and `back` of the store, `lost` and `found` of this replica, `signed-out`. */
export function listen(event, listener) {
  listeners.set(event, [...(listeners.get(event) || []), listener]);
}

let read = null;

/** When something was last read from the store, as a time of day in UTC; null for never. */
export const readAt = () => read;

const tell = (event, detail) => (listeners.get(event) || []).forEach(listener => listener(detail));

export const hasToken = () => sessionStorage.getItem(KEY) !== null;
export const keepToken = token => sessionStorage.setItem(KEY, token);
export const dropToken = () => sessionStorage.removeItem(KEY);
export const dropSession = () => localStorage.removeItem(SECRET);

/** Takes the second secret of a new session out of the address, in which the way back from the provider has it. */
export function takeSession() {
  const found = /^#session=([\w-]{43})$/.exec(location.hash);
  if (found) {
    localStorage.setItem(SECRET, found[1]);
    history.replaceState(null, '', '/');
  }
}

function headers(body) {
  const all = { Accept: 'application/json' };
  if (hasToken()) {
    all.Authorization = 'Bearer ' + sessionStorage.getItem(KEY);
  } else if (localStorage.getItem(SECRET) !== null) {
    all['Errand-Console'] = localStorage.getItem(SECRET);
  }
  if (body !== undefined) {
    all['Content-Type'] = 'application/json';
  }
  return all;
}

/** Asks, and gives the answer's JSON; a Refusal for anything that is no success. */
export async function ask(path, { method = 'GET', body, signal, wait = WAIT } = {}) {
  const ends = AbortSignal.timeout(wait);
  let answer;
  let json;
  try {
    answer = await fetch(path, {
      method, headers: headers(body), cache: 'no-store', credentials: 'same-origin',
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, ends]) : ends,
    });
    // A success is read whole or is no answer; a refusal may come without a body of ours.
    json = answer.status === 204 ? {} : answer.ok ? await answer.json() : await answer.json().catch(() => ({}));
  } catch (failure) {
    if (signal && signal.aborted) {
      throw failure;
    }
    tell('lost', null);
    throw new Refusal(0, 'This replica does not answer.');
  }
  tell('found', null);
  if (answer.status === 401) {
    tell('signed-out', null);
  }
  if (answer.status === 503) {
    tell('away', json.detail || 'the state is unavailable');
  }
  if (!answer.ok) {
    throw new Refusal(answer.status, json.detail || answer.statusText || 'status ' + answer.status, json);
  }
  if (method === 'GET' && /^\/(tasks\?|tasks$|replicas|locks|approvals|standing)/.test(path)) {
    // These are read from the store.
    read = new Date().toISOString().slice(11, 19);
    tell('back', null);
  }
  return json;
}

/** A path with those parameters that have a value. */
export function withQuery(path, parameters) {
  const query = new URLSearchParams(Object.entries(parameters)
    .filter(([, value]) => value !== null && value !== undefined && value !== ''));
  return query.size === 0 ? path : path + '?' + query;
}

/**
 * A page of matches. An answer may come from a part of what there is, and have few matches or none: then the next part is asked for, up
 * to a bound. Then `cursor` says where the search goes on.
 *
 * @param name of the answer's list; @param parts at most
 */
export async function collect(path, name, query, { limit, parts, cursor = null, signal }) {
  const found = [];
  const missing = new Set();
  let next = cursor;
  for (let asked = 0; asked < parts; asked++) {
    const page = await ask(withQuery(path, { ...query, limit: limit - found.length, cursor: next }), { signal });
    found.push(...page[name]);
    (page.missing || []).forEach(each => missing.add(each));
    next = page.cursor;
    if (next === null || found.length >= limit) {
      break;
    }
  }
  return { found, cursor: next, missing: [...missing] };
}

/**
 * Does something now and then again and again, while the page is seen. The pause grows with the time that an answer takes, so that
 * a gateway with much to tell is not asked the more for it. Gives back what ends it; `.now()` asks at once.
 *
 * @param pause at least, in milliseconds; @param factor how many times the answer's own time the pause is at least
 */
export function repeat(action, pause, factor = 20) {
  let timer = null;
  let ended = false;
  let running = false;
  let again = false;
  const controller = new AbortController();
  async function run() {
    clearTimeout(timer);
    if (ended || running) {
      again = running;
      return;
    }
    running = true;
    const begun = performance.now();
    try {
      await action(controller.signal);
    } catch (failure) {
      if (!(failure instanceof Refusal) && !(failure instanceof DOMException)) {
        throw failure;
      }
    } finally {
      running = false;
      const wait = again ? 0 : Math.max(pause, factor * (performance.now() - begun));
      again = false;
      if (!ended && !document.hidden) {
        timer = setTimeout(run, wait);
      }
    }
  }
  const seen = () => document.hidden ? clearTimeout(timer) : run();
  document.addEventListener('visibilitychange', seen);
  run();
  const end = () => {
    ended = true;
    clearTimeout(timer);
    controller.abort();
    document.removeEventListener('visibilitychange', seen);
  };
  end.now = run;
  return end;
}
