import { Key } from './key.js';
export type Narrowing = import('./token.js').Narrowing;
export type Tools = import('./token.js').Tools;
export type Instruction = import('./token.js').Instruction;
export type Grant = {
    token: string;
    chain: string;
    gateway: string;
    issuer: string;
};
export type At = {
    /**
     * its address, by default http://127.0.0.1:8080; beyond loopback it is https
     */
    gateway?: string;
    /**
     * what its metadata must say, where that is not its address
     */
    issuer?: string;
    /**
     * the holder's key; by default a fresh one
     */
    key?: Key;
    /**
     * for how many seconds in all one call is repeated by `Retry-After`; 0 by default
     */
    wait?: number;
    /**
     * in the place of the built-in one, such as one with a client certificate
     */
    fetch?: typeof globalThis.fetch;
};
export type Start = {
    template: string;
    /**
     * the human's JWT
     */
    subjectToken: string;
    /**
     * the agent's JWT-SVID; none where `fetch` shows an X.509-SVID
     */
    svid?: string;
    parameters?: Record<string, string | string[]>;
    subjectTokenType?: 'jwt' | 'access_token' | 'id_token';
    instruction?: Instruction;
    /**
     * the `tools` form; it narrows the template, as the next three do
     */
    allow?: Tools;
    calls?: number;
    children?: number;
    limits?: {
        capacity: number;
        period: number;
    }[];
};
export type Asked = {
    /**
     * gets the address of the page, and the code that the human types there
     */
    tell: (address: string, code: string) => unknown;
    /**
     * the agent's JWT-SVID, or what gives it at each question
     */
    svid?: string | (() => string | Promise<string>);
    /**
     * what to tell the human
     */
    purpose?: string;
    /**
     * the steps of a narrower plan
     */
    sequence?: unknown[];
    /**
     * the only human who sees the request
     */
    human?: {
        iss: string;
        sub: string;
    };
};
export type Ask = Omit<Start, 'subjectToken' | 'subjectTokenType' | 'svid'> & Asked;
/**
 * A token in a task with its key: make calls, derive children, end it. The key is made in memory and written nowhere.
 * A call that may have reached the upstream is never repeated.
 */
export declare class Task {
    #private;
    /** The task's id; empty for a child that was derived elsewhere. */
    id: string;
    /** When the token ends, in seconds since 1970. */
    expiresAt: number;
    /** Makes a call of a path or a URL, as the built-in `fetch` does, and throws `Refused`. */
    fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
    /** The `fetch` for an MCP transport: makes a call and returns a refusal as an answer, without throwing. */
    mcpFetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
    /**
     * @param {Holder} holder
     * @param {string} id
     * @param {number} wait
     * @private
     */
    private constructor();
    /**
     * Starts a task that a human authorised.
     * @param {Start & At} start
     * @throws {Refused} with the OAuth error as its code
     */
    static start({ gateway, issuer, key, wait, fetch, ...start }: Start & At): Promise<Task>;
    /**
     * Asks a human for a task at a page of the gateway, and waits until the human decided (RFC 8628).
     * @param {Ask & At} ask
     * @throws {Refused} with the OAuth error as its code: `access_denied` if the human refused, `expired_token` if nobody decided in
     *   time
     */
    static ask({ gateway, issuer, key, wait, fetch, tell, svid, ...start }: Ask & At): Promise<Task>;
    /**
     * A token that was started or derived elsewhere for this key; without `chain` it is a root.
     * @param {{ token: string, chain?: string } & At & { key: Key }} given
     */
    static of({ token, chain, key, gateway, issuer, wait, fetch }: {
        token: string;
        chain?: string;
    } & At & {
        key: Key;
    }): Promise<Task>;
    /**
     * A child of the companion that this program runs under, by `errand agent --derive N`. A bound that is left out is the
     * companion's own. If the companion does not derive it, the code of `Refused` is the step that would not verify.
     * @param {{ url?: string, allow?: Tools, calls?: number, children?: number, lifetime?: number, instruction?: Instruction,
     *   wait?: number, fetch?: typeof globalThis.fetch }} [child] `url` is what `ERRAND_DERIVE` says
     */
    static below({ url, wait, fetch, ...asked }?: {
        url?: string;
        allow?: Tools;
        calls?: number;
        children?: number;
        lifetime?: number;
        instruction?: Instruction;
        wait?: number;
        fetch?: typeof globalThis.fetch;
    }): Promise<Task>;
    /** The token itself, which is worth nothing without the key. */
    get token(): string;
    /** The text of the `Delegation-Chain` header; empty for a root. */
    get chain(): string;
    /** The key that the token is bound to. */
    get key(): Key;
    /** The seconds that are left of the token. */
    get expiresIn(): number;
    /**
     * A child of this token with a fresh key. No request is made. A bound that is left out is this token's own; the lifetime is
     * 300 seconds. Ending this task ends its children.
     * @param {Narrowing} [narrowing]
     */
    derive(narrowing?: Narrowing): Promise<Task>;
    /**
     * A child of this token for a key that is held elsewhere.
     * @param {import('./key.js').PublicJwk} jwk
     * @param {Narrowing} [narrowing]
     * @returns {Promise<Grant>}
     */
    deriveFor(jwk: import('./key.js').PublicJwk, narrowing?: Narrowing): Promise<Grant>;
    /** Ends this token and all below it; the end of a root ends the task. */
    end(): Promise<void>;
    /** Ends the token when it leaves its scope (`await using`). */
    [Symbol.asyncDispose](): Promise<void>;
    /**
     * The headers of one call, for a client that takes no `fetch`. They are good for one request.
     * @param {string} method
     * @param {string} path
     */
    headers(method: string, path: string): Promise<Record<string, string>>;
}
