/** The calls under way: each is cut when its task, its tokens or its replica end. */
@NullMarked
package dev.errand.web.live;

import org.jspecify.annotations.NullMarked;
