// Signing in by an operator's token, or at the operator's identity provider.
import { ask, dropToken, keepToken } from './api.js';
import { el, fill } from './dom.js';

/** What the gateway's way back from a provider says by the fragment. */
const BACK = {
  '#denied': 'Nobody signed in: the provider or you refused, or the sign-in took too long.',
  '#nobody': 'The provider signed you in, and you are no operator of this gateway.',
  '#away': 'The identity provider or the store does not answer. An operator’s token needs neither.',
};

const PLACE = 'errand-place';

/** Where the operator wanted to go, for the way back from the provider. */
const keepPlace = () => sessionStorage.setItem(PLACE, location.hash);

/** Goes there; once. */
export function goToPlace() {
  const place = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (place && place.startsWith('#/') && location.hash === '') {
    history.replaceState(null, '', '/' + place);
  }
}

/** Shows the form, and calls back with what the gateway runs once a credential is good. */
export function signIn(main, done, said) {
  const why = said || BACK[location.hash];
  if (BACK[location.hash]) {
    history.replaceState(null, '', '/');
  }
  const told = el('p', { class: 'fault', role: 'alert' }, why || '');
  told.hidden = !why;
  const token = el('input', { id: 'token', name: 'token', type: 'password', required: true, minlength: 16,
    autocomplete: 'current-password', autocapitalize: 'off', spellcheck: 'false' });
  const send = el('button', { class: 'main' }, 'Sign in');
  const form = el('form', { class: 'sign-in', on: { submit: async event => {
    event.preventDefault();
    send.disabled = true;
    keepToken(token.value.trim());
    try {
      done(await ask('/configuration'));
    } catch (refusal) {
      dropToken();
      fill(told, refusal.status === 401 ? 'This is no operator’s token.' : refusal.message);
      told.hidden = false;
      token.focus();
      token.select();
    } finally {
      send.disabled = false;
    }
  } } },
  el('h1', { tabindex: '-1' }, 'Errand'),
  el('p', {}, 'The console of the operators of this gateway.'),
  told,
  // For password managers, which keep a name with each password.
  el('input', { type: 'text', name: 'username', value: 'operator', autocomplete: 'username', hidden: true }),
  el('label', { for: 'token' }, 'Operator’s token'),
  token,
  el('p', { class: 'hint' }, 'It is kept in this tab until the tab is closed, and is sent to this gateway alone.'),
  send);
  const providers = el('div', { class: 'sign-in providers' });
  main.append(form, providers);
  ask('/console/sign-ins').then(({ sign_ins: offered }) => fill(providers, offered.map(each =>
    el('a', { class: 'button', href: '/console/sign-in/' + encodeURIComponent(each.name), on: { click: keepPlace } }, 'Sign in as ' + each.name,
      el('span', { class: 'faint break' }, each.issuer)))), () => {});
  token.focus();
}
