/**
 * One consistent revision of catalogues and templates, its replacement while calls are in progress, and the policy and
 * task that a chain's calls are judged by and counted on.
 */
@NullMarked
package dev.errand.policy;

import org.jspecify.annotations.NullMarked;
