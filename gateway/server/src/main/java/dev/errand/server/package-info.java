/** The application, the bounds of clients' connections, log lines. */
@NullMarked
package dev.errand.server;

import org.jspecify.annotations.NullMarked;
