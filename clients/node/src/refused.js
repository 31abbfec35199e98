/** A refusal's body is small; no more of it is read. */
const MAX_BODY = 65_536;

const MESSAGE = /errand: [a-z-]+: ([^]*) \(decision [^()\s]+\)/;

/**
 * @typedef {object} Told
 * @property {string} [decision]
 * @property {string} [next]
 * @property {number} [retryAfter]
 * @property {'no' | 'maybe'} [sent]
 * @property {string} [operation]
 * @property {string} [approval]
 * @property {string} [detail]
 * @property {number} [status]
 */

/** The gateway refused a call, a start, or the end of a token. */
export class Refused extends Error {
  /**
   * @param {string} code
   * @param {Told} [told]
   */
  constructor(code, { decision, next, retryAfter, sent = 'no', operation, approval, detail = '', status = 0 } = {}) {
    super(`${code}: ${detail || 'refused'}${decision ? ` (decision ${decision})` : ''}`);
    this.name = 'Refused';
    /** The gateway's code, such as `not-granted`; for a start the OAuth error, such as `invalid_grant`. */
    this.code = code;
    /** The id of the gateway's record of the decision; undefined for a start. */
    this.decision = decision;
    /**
     * What the agent should do: `stop`, `wait` (for a human), `retry`, `check` (whether it happened), `ask` (a human), or `change`;
     * undefined for a start.
     */
    this.next = next;
    /** After how many seconds the same call may pass; undefined if the gateway does not say so. */
    this.retryAfter = retryAfter;
    /** `maybe` if the upstream may have got the request: then do not simply repeat it. */
    this.sent = sent;
    /** The operation that the gateway took the call for, if it knew. */
    this.operation = operation;
    /** Where a human can let the call pass, if one can. */
    this.approval = approval;
    this.detail = detail;
    this.status = status;
  }

  /** The same as `retryAfter`, by the name that the Python library has. */
  get retry_after() {
    return this.retryAfter;
  }

  /**
   * The refusal in a Response, whose body is read, or in an error of an MCP client; undefined if it is no refusal.
   * @param {unknown} answer
   * @returns {Promise<Refused | undefined>}
   */
  static async of(answer) {
    if (!isResponse(answer)) return ofJsonRpc(answer);
    const { headers, status } = answer;
    const code = headers.get('errand-code');
    if (code === null) return undefined;
    return new Refused(code, {
      decision: headers.get('errand-decision') ?? undefined,
      next: headers.get('errand-next') ?? undefined,
      retryAfter: seconds(headers.get('retry-after')),
      // If the refusal does not say, the request may have been sent.
      sent: headers.get('errand-sent') === 'no' ? 'no' : 'maybe',
      operation: headers.get('errand-operation') ?? undefined,
      approval: headers.get('errand-approval')?.split(';')[0]?.trim(),
      detail: detailOf(await text(answer, MAX_BODY)),
      status,
    });
  }
}

/**
 * Whether it is a Response, of the built-in fetch or of another library.
 * @param {any} answer
 * @returns {answer is Response}
 */
const isResponse = (answer) => typeof answer?.headers?.get === 'function';

/**
 * @param {any} error
 * @returns {Refused | undefined}
 */
function ofJsonRpc(error) {
  const problem = error?.data;
  if (typeof problem?.code !== 'string' || typeof problem?.decision !== 'string') return undefined;
  // The body does not say whether the request was sent.
  return new Refused(problem.code, { decision: problem.decision, next: problem.next, sent: 'maybe', detail: problem.detail, status: problem.status });
}

/**
 * The seconds of a `Retry-After`; the gateway writes no dates.
 * @param {string | null} retryAfter
 */
export const seconds = (retryAfter) => (retryAfter !== null && /^[0-9]{1,9}$/.test(retryAfter) ? Number(retryAfter) : undefined);

/**
 * The body, up to `most` bytes; the rest is not read.
 * @param {Response} response
 * @param {number} most
 */
export async function text(response, most) {
  if (response.bodyUsed || response.body === null) return '';
  const parts = [];
  let size = 0;
  for await (const part of response.body) {
    parts.push(part);
    size += part.length;
    if (size > most) break;
  }
  return Buffer.concat(parts).subarray(0, most).toString('utf8');
}

/**
 * The explanation in a body of any form of refusal.
 * @param {string} body
 */
function detailOf(body) {
  let told;
  try {
    told = JSON.parse(body);
  } catch {
    told = body.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'")
      .replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  }
  for (const detail of texts(told, 'detail', 4)) return detail;
  for (const one of texts(told, undefined, 4)) {
    const found = MESSAGE.exec(one);
    if (found) return found[1];
  }
  return '';
}

/**
 * The texts in a JSON value; only those of members with this name, if one is given.
 * @param {any} value
 * @param {string | undefined} name
 * @param {number} depth
 * @returns {Generator<string>}
 */
function* texts(value, name, depth) {
  if (typeof value === 'string' && name === undefined) yield value;
  if (value === null || typeof value !== 'object' || depth === 0) return;
  if (name !== undefined && typeof value[name] === 'string') yield value[name];
  for (const member of Object.values(value)) yield* texts(member, name, depth - 1);
}
