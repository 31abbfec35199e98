/**
 * One consistent revision of catalogues and templates, its replacement while calls are under way, and what a task is governed by and
 * charged to.
 */
@NullMarked
package dev.errand.policy;

import org.jspecify.annotations.NullMarked;
