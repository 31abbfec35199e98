/** What templates grant against what their tasks used, and the smaller template that would have sufficed. Pure. */
@NullMarked
package dev.errand.offline.audit;

import org.jspecify.annotations.NullMarked;
