/** The routes of the running revision: how a request finds its own, and the place of every filter on it. */
@NullMarked
package dev.errand.web;

import org.jspecify.annotations.NullMarked;
