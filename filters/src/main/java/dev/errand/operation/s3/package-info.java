/** Amazon S3's API: the action is named by method, bucket, key, query and headers. Pure. */
@NullMarked
package dev.errand.operation.s3;

import org.jspecify.annotations.NullMarked;
