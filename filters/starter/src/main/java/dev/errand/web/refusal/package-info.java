/** What refuses a call: the count on the task, the record, the answer in each form. */
@NullMarked
package dev.errand.web.refusal;

import org.jspecify.annotations.NullMarked;
