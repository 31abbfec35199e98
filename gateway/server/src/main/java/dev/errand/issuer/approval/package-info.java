/** Requests for approval, by API and page. */
@NullMarked
package dev.errand.issuer.approval;

import org.jspecify.annotations.NullMarked;
