/** Whom a task runs for: tokens of human issuers. */
@NullMarked
package dev.errand.jose.human;

import org.jspecify.annotations.NullMarked;
