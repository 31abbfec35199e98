export type Told = {
    decision?: string;
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
 * @property {number} [retryAfter]
 * @property {'no' | 'maybe'} [sent]
 * @property {string} [operation]
 * @property {string} [approval]
 * @property {string} [detail]
 * @property {number} [status]
 */
/** A call that the gateway refused, or a start, or the end of a token. */
export declare class Refused extends Error {
    /** The gateway's code, such as `not-granted`; of a start the OAuth error, such as `invalid_grant`. */
    code: string;
    /** The id that the gateway recorded it under; none for a start. */
    decision: string | undefined;
    /** After so many seconds the same call may pass; none where the gateway does not say so. */
    retryAfter: number | undefined;
    /** `maybe` where the upstream may have got the request. Then do not simply repeat it. */
    sent: "maybe" | "no";
    /** What the call was taken for, where that was known. */
    operation: string | undefined;
    /** Where a human can let the call pass, if one can. */
    approval: string | undefined;
    detail: string;
    status: number;
    /**
     * @param {string} code
     * @param {Told} [told]
     */
    constructor(code: string, { decision, retryAfter, sent, operation, approval, detail, status }?: Told);
    /** The same as `retryAfter`, by the name that the Python library has. */
    get retry_after(): number | undefined;
    /**
     * The refusal that a Response stands for, whose body it reads; or an error of an MCP client. None where it is none.
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
 * The body, up to so many bytes; the rest is not read.
 * @param {Response} response
 * @param {number} most
 */
export declare function text(response: Response, most: number): Promise<string>;
