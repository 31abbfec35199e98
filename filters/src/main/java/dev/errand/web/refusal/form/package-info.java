/** The forms of the body of a refusal. Each is the form that one API's own clients read. */
@NullMarked
package dev.errand.web.refusal.form;

import org.jspecify.annotations.NullMarked;
