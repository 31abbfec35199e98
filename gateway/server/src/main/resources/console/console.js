// The operator's console: who is signed in, which view is shown, and what all views have in common.
import { ask, dropSession, dropToken, hasToken, listen, repeat, takeSession } from './api.js';
import { badge, button, el, fill, say } from './dom.js';
import { grow, number } from './words.js';
import * as banners from './banners.js';
import { goToPlace, signIn } from './sign-in.js';
import { showTasks } from './tasks.js';
import { showTask } from './task.js';
import { showRefusals } from './refusals.js';
import { showApprovals } from './approvals.js';
import { showFleet } from './fleet.js';
import { showStanding } from './standing.js';
import { showLocks } from './locks.js';

const VIEWS = {
  tasks: ['Tasks', showTasks],
  refusals: ['Refusals', showRefusals],
  approvals: ['Approvals', showApprovals],
  standing: ['Standing', showStanding],
  locks: ['Locks', showLocks],
  replicas: ['Replicas', showFleet],
};

const at = id => document.getElementById(id);
let endView = () => {};
let endAll = () => {};
let me = null;
const counts = {};

function links(current) {
  fill(at('nav'), el('ul', {}, Object.entries(VIEWS).map(([name, [label]]) => el('li', {},
    el('a', { href: '#/' + name, 'aria-current': name === current ? 'page' : null }, label,
      counts[name] ? el('span', { class: 'count' }, number(counts[name])) : null)))));
}

function current() {
  const parts = location.hash.replace(/^#\/?/, '').split('/');
  try {
    return parts.map(decodeURIComponent);
  } catch (malformed) {
    return ['tasks'];
  }
}

/** What a view may use: who asks, and how it says that it cannot show something. */
const context = {
  get mayOperate() {
    return me !== null && me.operator.role === 'operate';
  },
  /** What the replica said of itself last. */
  get configuration() {
    return me;
  },
  count(view, value) {
    if (counts[view] !== value) {
      counts[view] = value;
      links(VIEWS[current()[0]] ? current()[0] : 'tasks');
    }
  },
};

function route(focus) {
  endView();
  const [name, ...rest] = current();
  const isTask = name === 'task' && rest.length > 0;
  const [label, show] = isTask ? ['Task', showTask] : VIEWS[name] || VIEWS.tasks;
  links(isTask || !VIEWS[name] ? 'tasks' : name);
  document.title = (isTask ? rest[0] : label) + ' – Errand';
  const main = fill(at('main'));
  endView = show(main, context, ...rest) || (() => {});
  if (focus) {
    window.scrollTo(0, 0);
    const heading = main.querySelector('h1');
    (heading || main).focus({ preventScroll: true });
    say(label);
  }
}

let drawn = '';

function head() {
  const told = JSON.stringify([me.mode, me.instance, me.build, me.operator, me.session, hasToken()]);
  if (told === drawn) {
    return;
  }
  drawn = told;
  fill(at('who'),
    me.mode === 'observe' ? badge('observe', 'near') : null,
    el('span', { class: 'name', title: 'This replica is ' + me.instance + ', build ' + me.build },
      me.operator.name + (me.operator.role === 'view' ? ' (may look)' : '')),
    hasToken() || me.session ? button('Sign out', signOut, { class: 'quiet' }) : null);
}

async function signOut() {
  try {
    if (me.session) {
      await ask('/console/session', { method: 'DELETE' });
    }
  } finally {
    // While the store is away the session stays, but the token need not.
    dropToken();
    dropSession();
  }
  signedOut();
}

function signedIn(told) {
  me = told;
  at('head').hidden = false;
  goToPlace();
  head();
  const ends = [banners.watch(context, next => {
    me = next;
    head();
    document.dispatchEvent(new CustomEvent('errand-configuration'));
  }), repeat(async () => grow(), 5000)];
  endAll = () => ends.forEach(end => end());
  route(false);
}

function signedOut(why) {
  if (me === null && why === undefined) {
    return;
  }
  endView();
  endAll();
  endView = endAll = () => {};
  me = null;
  drawn = '';
  at('head').hidden = true;
  fill(at('banners'));
  document.title = 'Sign in – Errand';
  signIn(fill(at('main')), signedIn, why);
}

listen('signed-out', () => {
  if (me !== null) {
    dropToken();
    dropSession();
    signedOut('You were signed out: the gateway does not take this credential any more.');
  }
});

window.addEventListener('hashchange', () => me !== null && location.hash.startsWith('#/') && route(true));

document.addEventListener('keydown', event => {
  const typing = event.target.closest('input, select, textarea, dialog');
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const filter = document.querySelector('[data-filter]');
    if (filter) {
      event.preventDefault();
      filter.focus();
      filter.select();
    }
  }
});

at('main').addEventListener('click', event => {
  // The skip link's own fragment is no view.
  if (event.target.matches('a[href="#main"]')) {
    event.preventDefault();
  }
});

document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault();
  at('main').focus();
});

takeSession();
ask('/configuration').then(signedIn, refusal => {
  dropToken();
  signedOut(refusal.status === 401 ? null : refusal.message);
});
