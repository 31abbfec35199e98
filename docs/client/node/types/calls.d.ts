/** A key, its token and the tokens above it: whoever can make a call. */
export declare class Holder {
    gateway: import("./gateway.js").Gateway;
    key: import("./key.js").Key;
    token: string;
    chain: string;
    /** Whether a gateway permitted a call under the chain. Another replica may ask for it again. */
    chainIsKnown: boolean;
    /**
     * @param {import('./gateway.js').Gateway} gateway
     * @param {import('./key.js').Key} key
     * @param {string} token
     * @param {string} chain
     */
    constructor(gateway: import('./gateway.js').Gateway, key: import('./key.js').Key, token: string, chain: string);
    /**
     * The headers of one call: good once.
     * @param {string} method
     * @param {string} target the path, as the gateway sees it
     * @param {boolean} [alwaysChain]
     * @returns {Promise<Record<string, string>>}
     */
    headers(method: string, target: string, alwaysChain?: boolean): Promise<Record<string, string>>;
    /**
     * Makes a call with the built-in fetch, and again where the gateway says that it may be made again: at once for the gateway's
     * nonce and the whole chain, else by `Retry-After` within `wait` seconds. Nothing is repeated that may have been sent, and
     * no redirect is followed. What leads elsewhere gets nothing of the holder's.
     * @param {string | URL | Request} input
     * @param {RequestInit | undefined} init
     * @param {number} wait
     * @returns {Promise<Response>}
     */
    fetch(input: string | URL | Request, init: RequestInit | undefined, wait: number): Promise<Response>;
}
