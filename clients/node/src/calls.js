import { setTimeout } from 'node:timers/promises';
import { seconds } from './refused.js';

/** A longer body is sent only once, like a body that cannot be read twice. */
const MAX_REPEATED_BODY = 1 << 20;
/** How often one call is repeated at most, however short the gateway's waits are. */
const MOST = 60;

/** The holder of a token: its key, the token and the tokens above it. */
export class Holder {
  /** Whether a gateway permitted a call under the chain. Another replica may still ask for the chain. */
  chainIsKnown = false;

  /**
   * @param {import('./gateway.js').Gateway} gateway
   * @param {import('./key.js').Key} key
   * @param {string} token
   * @param {string} chain
   */
  constructor(gateway, key, token, chain) {
    this.gateway = gateway;
    this.key = key;
    this.token = token;
    this.chain = chain;
  }

  /**
   * The headers of one call. They are good for one request.
   * @param {string} method
   * @param {string} target the path, as the gateway sees it
   * @param {boolean} [alwaysChain]
   * @returns {Promise<Record<string, string>>}
   */
  async headers(method, target, alwaysChain = true) {
    const { gateway, key, token, chain } = this;
    const proof = await key.proof(method, gateway.issuer + target, token, { nonce: gateway.nonce });
    const sendsChain = chain && (alwaysChain || !this.chainIsKnown);
    return { Authorization: `DPoP ${token}`, DPoP: proof, ...(sendsChain && { 'Delegation-Chain': chain }) };
  }

  /**
   * Makes a call with the built-in fetch, and repeats it if the gateway says that it may be repeated: at once with the gateway's
   * nonce or the whole chain, else by `Retry-After` within `wait` seconds. A call that the upstream may have got is not repeated,
   * and no redirect is followed. A request to another server gets no token and no proof.
   * @param {string | URL | Request} input
   * @param {RequestInit | undefined} init
   * @param {number} wait
   * @returns {Promise<Response>}
   */
  async fetch(input, init, wait) {
    const given = input instanceof Request ? input : undefined;
    const url = this.gateway.url(given?.url ?? /** @type {string | URL} */ (input));
    const target = this.gateway.target(url);
    if (target === undefined) return this.gateway.fetch(given ?? url, init);
    const method = (init?.method ?? given?.method ?? 'GET').toUpperCase();
    const signal = init?.signal ?? given?.signal;
    const size = given?.body && init?.body === undefined ? undefined : sizeOf(init?.body);
    const repeats = new Repeats(this, size !== undefined && size <= MAX_REPEATED_BODY, wait);
    for (;;) {
      const headers = new Headers(init?.headers ?? given?.headers);
      headers.delete('Delegation-Chain');
      const ours = await this.headers(method, target, !repeats.allowed);
      for (const [name, value] of Object.entries(ours)) headers.set(name, value);
      const response = await this.gateway.fetch(given ?? url, { ...init, method, headers, redirect: 'manual' });
      const pause = repeats.after(response, `${method} ${target}`);
      if (pause === undefined) return response;
      await response.body?.cancel();
      if (pause > 0) await setTimeout(pause * 1000, undefined, { signal: signal ?? undefined });
    }
  }
}

/** The attempts of one call. A refusal that says that the request may have been sent ends them. */
class Repeats {
  #count = 0;
  #forFree = new Set(['nonce', 'chain']);
  /** @type {string | undefined} */
  #approval;
  #standsUntil = 0;

  /**
   * @param {Holder} holder
   * @param {boolean} allowed
   * @param {number} wait
   */
  constructor(holder, allowed, wait) {
    this.holder = holder;
    this.allowed = allowed;
    this.until = performance.now() + wait * 1000;
  }

  /**
   * After how many seconds the call is made again; undefined if this answer is the last one.
   * @param {Response} response
   * @param {string} call
   */
  after({ headers }, call) {
    const nonce = headers.get('dpop-nonce');
    if (nonce !== null) this.holder.gateway.nonce = nonce;
    const code = headers.get('errand-code');
    if (code === null) {
      if (headers.has('errand-operation')) this.holder.chainIsKnown = true;
      return undefined;
    }
    if (code === 'chain-incomplete') this.holder.chainIsKnown = false;
    if (headers.get('errand-sent') !== 'no' || !this.allowed) return undefined;
    const next = headers.get('errand-next');
    if (next === 'wait' && headers.has('errand-approval')) return this.#forPeople(headers, call);
    if (this.#count >= MOST) return undefined;
    this.#count += 1;
    if (code === 'invalid-proof' && nonce !== null && headers.get('www-authenticate')?.includes('use_dpop_nonce')) {
      return this.#forFree.delete('nonce') ? 0 : undefined;
    }
    if (code === 'chain-incomplete' && this.holder.chain) return this.#forFree.delete('chain') ? 0 : undefined;
    const pause = next === 'retry' ? this.#pause(headers, 0) : undefined;
    return pause === undefined || this.#isTooLate(pause) ? undefined : pause;
  }

  /**
   * A human has to approve the call. A warning of the process says once where. The caller's wait bounds how often the call is made
   * again. It is not made after the request for approval has ended, since it would open another request.
   * @param {Headers} headers
   * @param {string} call
   */
  #forPeople(headers, call) {
    const pause = this.#pause(headers, 1);
    const [where, expires] = (headers.get('errand-approval') ?? '').split(';').map((part) => part.trim());
    const isNew = where !== this.#approval;
    if (isNew && this.#isTooLate(0)) return undefined;
    if (isNew) {
      this.#approval = where;
      const left = seconds(expires?.replace(/^expires_in=/, '') ?? null);
      // The gateway gives the time in whole seconds, rounded up, and the last call needs time to arrive.
      this.#standsUntil = left === undefined ? this.until : performance.now() + (left - 2) * 1000;
    }
    if (pause === undefined || this.#isTooLate(pause)) return undefined;
    if (isNew) process.emitWarning(`waiting for a human's approval of ${call}: ${where}`, 'ErrandApproval');
    return pause;
  }

  /**
   * Whether a call after a pause could open another request for approval.
   * @param {number} pause
   */
  #isTooLate(pause) {
    return this.#approval !== undefined && performance.now() + pause * 1000 > this.#standsUntil;
  }

  /**
   * @param {Headers} headers
   * @param {number} least
   */
  #pause(headers, least) {
    const said = seconds(headers.get('retry-after'));
    if (said === undefined) return undefined;
    const pause = Math.max(said, least);
    return performance.now() + pause * 1000 <= this.until ? pause : undefined;
  }
}

/**
 * The length of a body that can be sent twice; undefined for a stream.
 * @param {BodyInit | null | undefined} body
 */
function sizeOf(body) {
  if (body === undefined || body === null) return 0;
  if (typeof body === 'string' || body instanceof URLSearchParams) return Buffer.byteLength(String(body));
  if (body instanceof Blob) return body.size;
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? body.byteLength : undefined;
}
