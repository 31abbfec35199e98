/** The agent's side of Errand: start a task, call with a proof, derive a narrower token, end the task. */
export { Key } from './key.js';
export { Refused } from './refused.js';
export { Task } from './task.js';
