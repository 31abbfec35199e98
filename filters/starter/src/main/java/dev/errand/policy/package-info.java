/**
 * One consistent revision of catalogues and templates, and its replacement while calls are in progress. Also the policy
 * that judges the calls of a chain, and the accounts that they are charged to.
 */
@NullMarked
package dev.errand.policy;

import org.jspecify.annotations.NullMarked;
