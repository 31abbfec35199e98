export type Told = {
    decision?: string;
    next?: string;
    retryAfter?: number;
    sent?: 'no' | 'maybe';
    operation?: string;
    approval?: string;
    detail?: string;
    status?: number;
};
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
export declare class Refused extends Error {
    /** The gateway's code, such as `not-granted`; for a start the OAuth error, such as `invalid_grant`. */
    code: string;
    /** The id of the gateway's record of the decision; undefined for a start. */
    decision: string | undefined;
    /**
     * What the agent should do: `stop`, `wait` (for a human), `retry`, `check` (whether it happened), `ask` (a human), or `change`;
     * undefined for a start.
     */
    next: string | undefined;
    /** After how many seconds the same call may pass; undefined if the gateway does not say so. */
    retryAfter: number | undefined;
    /** `maybe` if the upstream may have got the request: then do not simply repeat it. */
    sent: "maybe" | "no";
    /** The operation that the gateway took the call for, if it knew. */
    operation: string | undefined;
    /** Where a human can let the call pass, if one can. */
    approval: string | undefined;
    detail: string;
    status: number;
    /**
     * @param {string} code
     * @param {Told} [told]
     */
    constructor(code: string, { decision, next, retryAfter, sent, operation, approval, detail, status }?: Told);
    /** The same as `retryAfter`, by the name that the Python library has. */
    get retry_after(): number | undefined;
    /**
     * The refusal in a Response, whose body is read, or in an error of an MCP client; undefined if it is no refusal.
     * @param {unknown} answer
     * @returns {Promise<Refused | undefined>}
     */
    static of(answer: unknown): Promise<Refused | undefined>;
}
/**
 * The seconds of a `Retry-After`; the gateway writes no dates.
 * @param {string | null} retryAfter
 */
export declare const seconds: (retryAfter: string | null) => number | undefined;
/**
 * The body, up to `most` bytes; the rest is not read.
 * @param {Response} response
 * @param {number} most
 */
export declare function text(response: Response, most: number): Promise<string>;
