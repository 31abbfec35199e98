/** What humans see of the calls that wait for them, and how they decide. */
@NullMarked
package dev.errand.issuer.approval;

import org.jspecify.annotations.NullMarked;
