/** The forms that the body of a refusal is written in: each is what one API's own clients read. */
@NullMarked
package dev.errand.web.refusal.form;

import org.jspecify.annotations.NullMarked;
