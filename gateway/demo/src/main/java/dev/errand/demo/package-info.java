/** The demonstration, which the command line loads ({@code DemoJar}). */
@NullMarked
package dev.errand.demo;

import org.jspecify.annotations.NullMarked;
