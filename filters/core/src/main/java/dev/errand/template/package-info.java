/** The operator's YAML: templates, catalogues as files, policies. */
@NullMarked
package dev.errand.template;

import org.jspecify.annotations.NullMarked;
