/** The holder of a token: its key, the token and the tokens above it. */
export declare class Holder {
    gateway: import("./gateway.js").Gateway;
    key: import("./key.js").Key;
    token: string;
    chain: string;
    /** Whether a gateway permitted a call under the chain. Another replica may still ask for the chain. */
    chainIsKnown: boolean;
    /**
     * @param {import('./gateway.js').Gateway} gateway
     * @param {import('./key.js').Key} key
     * @param {string} token
     * @param {string} chain
     */
    constructor(gateway: import('./gateway.js').Gateway, key: import('./key.js').Key, token: string, chain: string);
    /**
     * The headers of one call. They are good for one request.
     * @param {string} method
     * @param {string} target the path, as the gateway sees it
     * @param {boolean} [alwaysChain]
     * @returns {Promise<Record<string, string>>}
     */
    headers(method: string, target: string, alwaysChain?: boolean): Promise<Record<string, string>>;
    /**
     * Makes a call with the built-in fetch, and repeats it if the gateway says that it may be repeated: at once with the gateway's
     * nonce or the whole chain, else by `Retry-After` within `wait` seconds. A call that the upstream may have got is not repeated,
     * and no redirect is followed. A request to another server gets no token and no proof.
     * @param {string | URL | Request} input
     * @param {RequestInit | undefined} init
     * @param {number} wait
     * @returns {Promise<Response>}
     */
    fetch(input: string | URL | Request, init: RequestInit | undefined, wait: number): Promise<Response>;
}
