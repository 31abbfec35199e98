/**
 * The demo: an identity provider, an agent and three upstreams around one gateway, all on this machine. Agents reach the
 * gateway over HTTP only; the provenance is read as an auditor would, from its files.
 */
@NullMarked
package dev.errand.demo;

import org.jspecify.annotations.NullMarked;
