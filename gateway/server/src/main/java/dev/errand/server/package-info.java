/** The connections of clients: how many there may be, and how long the gateway waits for what a client has to send. */
@NullMarked
package dev.errand.server;

import org.jspecify.annotations.NullMarked;
