/** Amazon S3's API: method, bucket, key, query and headers name the action. Pure. */
@NullMarked
package dev.errand.operation.s3;

import org.jspecify.annotations.NullMarked;
