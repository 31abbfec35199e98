import { setTimeout as sleep } from 'node:timers/promises';
import { Holder } from './calls.js';
import { ask } from './companion.js';
import { Gateway } from './gateway.js';
import { Key } from './key.js';
import { Refused } from './refused.js';
import { claimsOf, derive } from './token.js';

/** @typedef {import('./token.js').Narrowing} Narrowing */
/** @typedef {import('./token.js').Tools} Tools */
/** @typedef {import('./token.js').Instruction} Instruction */
/** @typedef {{ token: string, chain: string, gateway: string, issuer: string }} Grant what `Task.of` takes elsewhere */

/**
 * Where the gateway is, and how it is spoken to.
 * @typedef {object} At
 * @property {string} [gateway] its address, by default http://127.0.0.1:8080; beyond loopback it is https
 * @property {string} [issuer] what its metadata must say, where that is not its address
 * @property {Key} [key] the holder's key; by default a fresh one
 * @property {number} [wait] for how many seconds in all one call is repeated by `Retry-After`; 0 by default
 * @property {typeof globalThis.fetch} [fetch] in the place of the built-in one, such as one with a client certificate
 */

/**
 * What a task is started with.
 * @typedef {object} Start
 * @property {string} template
 * @property {string} subjectToken the human's JWT
 * @property {string} [svid] the agent's JWT-SVID; none where `fetch` shows an X.509-SVID
 * @property {Record<string, string | string[]>} [parameters]
 * @property {'jwt' | 'access_token' | 'id_token'} [subjectTokenType]
 * @property {Instruction} [instruction]
 * @property {Tools} [allow] the `tools` form; it narrows the template, as the next three do
 * @property {number} [calls]
 * @property {number} [children]
 * @property {{ capacity: number, period: number }[]} [limits]
 */

/**
 * What a human is asked for.
 * @typedef {object} Asked
 * @property {(address: string, code: string) => unknown} tell gets the address of the page, and the code that the human types there
 * @property {string | (() => string | Promise<string>)} [svid] the agent's JWT-SVID, or what gives it at each question
 * @property {string} [purpose] what to tell the human
 * @property {unknown[]} [sequence] the steps of a narrower plan
 * @property {{ iss: string, sub: string }} [human] the only human who sees the request
 * @typedef {Omit<Start, 'subjectToken' | 'subjectTokenType' | 'svid'> & Asked} Ask
 */

const LONGEST = 600;
const TYPE = 'urn:ietf:params:oauth:';
const HERE = 'http://127.0.0.1:8080';

/**
 * @param {Omit<Start, 'subjectToken' | 'svid'> & Partial<Asked>} start
 */
function details({ template, parameters = {}, instruction, calls, children, limits, purpose, sequence, human, allow }) {
  /** @type {object[]} */
  const all = [
    { type: 'errand_start', template, parameters, instruction, calls, children, limits, purpose, sequence, human },
  ];
  if (allow !== undefined) all.push({ type: 'attenuating_agent_token', tools: allow });
  return JSON.stringify(all);
}

/**
 * @param {string} [svid]
 * @returns {Record<string, string>}
 */
function assertion(svid) {
  return svid === undefined
    ? {}
    : { client_assertion_type: `${TYPE}client-assertion-type:jwt-spiffe`, client_assertion: svid };
}

/**
 * A token in a task with its key: make calls, derive children, end it. The key is made in memory and written nowhere.
 * A call that may have reached the upstream is never repeated.
 */
export class Task {
  #holder;
  #wait;

  /**
   * @param {Holder} holder
   * @param {string} id
   * @param {number} wait
   * @private
   */
  constructor(holder, id, wait) {
    this.#holder = holder;
    this.#wait = wait;
    const claims = claimsOf(holder.token);
    /** The task's id; empty for a child that was derived elsewhere. */
    this.id = id || String(claims.task?.id ?? '');
    /** When the token ends, in seconds since 1970. */
    this.expiresAt = Number(claims.exp);
    /** Makes a call of a path or a URL, as the built-in `fetch` does, and throws `Refused`. */
    this.fetch = this.#fetch.bind(this);
    /** The `fetch` for an MCP transport: makes a call and returns a refusal as an answer, without throwing. */
    this.mcpFetch = this.#mcpFetch.bind(this);
  }

  /**
   * Starts a task that a human authorised.
   * @param {Start & At} start
   * @throws {Refused} with the OAuth error as its code
   */
  static async start({ gateway = HERE, issuer, key, wait = 0, fetch, ...start }) {
    const at = await Gateway.at(gateway, issuer, fetch);
    const holder = key ?? (await Key.generate());
    const answer = await at.post(holder, '/oauth2/token', {
      grant_type: `${TYPE}grant-type:token-exchange`,
      subject_token: start.subjectToken,
      subject_token_type: `${TYPE}token-type:${start.subjectTokenType ?? 'jwt'}`,
      requested_token_type: `${TYPE}token-type:access_token`,
      authorization_details: details(start),
      ...assertion(start.svid),
    });
    return new Task(new Holder(at, holder, answer.access_token, ''), answer.task_id ?? '', wait);
  }

  /**
   * Asks a human for a task at a page of the gateway, and waits until the human decided (RFC 8628).
   * @param {Ask & At} ask
   * @throws {Refused} with the OAuth error as its code: `access_denied` if the human refused, `expired_token` if nobody decided in
   *   time
   */
  static async ask({ gateway = HERE, issuer, key, wait = 0, fetch, tell, svid, ...start }) {
    const at = await Gateway.at(gateway, issuer, fetch);
    const holder = key ?? (await Key.generate());
    const proved = async () => assertion(typeof svid === 'function' ? await svid() : svid);
    const asked = await at.post(holder, '/oauth2/device_authorization', {
      authorization_details: details(start),
      ...(await proved()),
    });
    await tell(asked.verification_uri_complete, asked.user_code);
    const form = { grant_type: `${TYPE}grant-type:device_code`, device_code: asked.device_code };
    let interval = asked.interval ?? 5;
    const until = performance.now() + Math.min(asked.expires_in ?? LONGEST, LONGEST) * 1000;
    for (;;) {
      await sleep(Math.min(interval, 60) * 1000);
      try {
        const answer = await at.post(holder, '/oauth2/token', { ...form, ...(await proved()) });
        return new Task(new Holder(at, holder, answer.access_token, ''), answer.task_id ?? '', wait);
      } catch (refusal) {
        if (!(refusal instanceof Refused)) throw refusal;
        if (refusal.code === 'slow_down' || refusal.status === 429) interval += 5;
        else if (refusal.code !== 'authorization_pending' && refusal.status !== 503) throw refusal;
        if (performance.now() >= until) throw new Refused('expired_token', { detail: 'no human allowed the task in time' });
      }
    }
  }

  /**
   * A token that was started or derived elsewhere for this key; without `chain` it is a root.
   * @param {{ token: string, chain?: string } & At & { key: Key }} given
   */
  static async of({ token, chain = '', key, gateway = HERE, issuer, wait = 0, fetch }) {
    return new Task(new Holder(await Gateway.at(gateway, issuer, fetch), key, token, chain), '', wait);
  }

  /**
   * A child of the companion that this program runs under, by `errand agent --derive N`. A bound that is left out is the
   * companion's own. If the companion does not derive it, the code of `Refused` is the step that would not verify.
   * @param {{ url?: string, allow?: Tools, calls?: number, children?: number, lifetime?: number, instruction?: Instruction,
   *   wait?: number, fetch?: typeof globalThis.fetch }} [child] `url` is what `ERRAND_DERIVE` says
   */
  static async below({ url, wait, fetch, ...asked } = {}) {
    const key = await Key.generate();
    const { token, chain, gateway, issuer } = await ask(url, key, asked, fetch);
    return Task.of({ token, chain, key, gateway, issuer, wait, fetch });
  }

  /** The token itself, which is worth nothing without the key. */
  get token() {
    return this.#holder.token;
  }

  /** The text of the `Delegation-Chain` header; empty for a root. */
  get chain() {
    return this.#holder.chain;
  }

  /** The key that the token is bound to. */
  get key() {
    return this.#holder.key;
  }

  /** The seconds that are left of the token. */
  get expiresIn() {
    return Math.max(0, this.expiresAt - Math.floor(Date.now() / 1000));
  }

  /**
   * A child of this token with a fresh key. No request is made. A bound that is left out is this token's own; the lifetime is
   * 300 seconds. Ending this task ends its children.
   * @param {Narrowing} [narrowing]
   */
  async derive(narrowing) {
    const key = await Key.generate();
    const { token, chain } = await this.deriveFor(key.jwk, narrowing);
    return new Task(new Holder(this.#holder.gateway, key, token, chain), this.id, this.#wait);
  }

  /**
   * A child of this token for a key that is held elsewhere.
   * @param {import('./key.js').PublicJwk} jwk
   * @param {Narrowing} [narrowing]
   * @returns {Promise<Grant>}
   */
  async deriveFor(jwk, narrowing) {
    const token = await derive(this.key, this.token, jwk, narrowing);
    const { address, prefix, issuer } = this.#holder.gateway;
    return { token, chain: this.chain ? `${this.chain}, ${this.token}` : this.token, gateway: address.origin + prefix, issuer };
  }

  /** Ends this token and all below it; the end of a root ends the task. */
  async end() {
    const { gateway, key, token, chain } = this.#holder;
    await gateway.post(key, '/oauth2/revoke', { token }, token, chain);
  }

  /** Ends the token when it leaves its scope (`await using`). */
  [Symbol.asyncDispose]() {
    return this.end();
  }

  /**
   * The headers of one call, for a client that takes no `fetch`. They are good for one request.
   * @param {string} method
   * @param {string} path
   */
  headers(method, path) {
    return this.#holder.headers(method, /** @type {string} */ (path.split(/[?#]/)[0]));
  }

  /**
   * @param {string | URL | Request} input
   * @param {RequestInit} [init]
   */
  async #fetch(input, init) {
    const response = await this.#mcpFetch(input, init);
    const refusal = await Refused.of(response);
    if (refusal) throw refusal;
    return response;
  }

  /**
   * @param {string | URL | Request} input
   * @param {RequestInit} [init]
   */
  #mcpFetch(input, init) {
    return this.#holder.fetch(input, init, this.#wait);
  }
}
