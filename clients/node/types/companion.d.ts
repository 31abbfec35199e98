/**
 * Asks the companion that an agent runs under for a child whose holder is this key. The URL has the companion's secret, so
 * no message shows it.
 * @param {string | undefined} url
 * @param {import('./key.js').Key} key
 * @param {object} asked
 * @param {typeof globalThis.fetch | undefined} fetch
 * @returns {Promise<import('./task.js').Grant>}
 */
export declare function ask(url: string | undefined, key: import('./key.js').Key, asked: object, fetch: typeof globalThis.fetch | undefined): Promise<import('./task.js').Grant>;
