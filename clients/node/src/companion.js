import { exchange, isLoopback } from './gateway.js';
import { direct } from './proxy.js';
import { Refused } from './refused.js';

/**
 * Asks the companion that an agent runs under for a child whose holder is this key. The URL has the companion's secret, so
 * no message shows it.
 * @param {string | undefined} url
 * @param {import('./key.js').Key} key
 * @param {object} asked
 * @param {typeof globalThis.fetch | undefined} fetch
 * @returns {Promise<import('./task.js').Grant>}
 */
export async function ask(url, key, asked, fetch) {
  const at = url ?? process.env.ERRAND_DERIVE ?? '';
  if (!URL.canParse(at) || !/^https?:$/.test(new URL(at).protocol) || !isLoopback(new URL(at).hostname)) {
    throw new TypeError('there is no companion: ERRAND_DERIVE, or url, is to be a URL of loopback');
  }
  if (fetch === undefined) direct(new URL(at));
  const { status, answer } = await exchange(fetch ?? globalThis.fetch, at, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', DPoP: await key.proof('POST', at) },
    body: JSON.stringify({ jwk: key.jwk, ...asked }),
  });
  if (status !== 200) throw new Refused(String(answer.step ?? 'refused'), { detail: String(answer.detail ?? ''), status });
  const { token, chain, gateway, issuer } = answer;
  if (![token, chain, gateway, issuer].every((member) => typeof member === 'string')) {
    throw new TypeError('the companion answered without token, chain, gateway or issuer');
  }
  return { token, chain, gateway, issuer };
}
