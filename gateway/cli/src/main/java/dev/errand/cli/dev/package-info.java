/** A first run on one machine: a configuration with an identity provider and a trust domain of its own, and their tokens. */
@NullMarked
package dev.errand.cli.dev;

import org.jspecify.annotations.NullMarked;
