package dev.errand.operation.s3;

import java.util.Set;

/** A kind of S3 server, by its differences from the API of AWS. Immutable. */
enum S3Server {
    /** All of the API. */
    AWS(Set.of(), Set.of(), false),

    /**
     * As {@code cmd/api-router.go} of MinIO 7aac2a2 has it: a query key that MinIO does not know leaves what the request is
     * without the key. Below the reserved names are MinIO's interface for administrators and its own data.
     */
    MINIO(
            Set.of(
                    "GetBucketAnalyticsConfiguration",
                    "ListBucketAnalyticsConfigurations",
                    "GetBucketIntelligentTieringConfiguration",
                    "ListBucketIntelligentTieringConfigurations",
                    "GetBucketInventoryConfiguration",
                    "ListBucketInventoryConfigurations",
                    "GetBucketMetricsConfiguration",
                    "ListBucketMetricsConfigurations",
                    "GetBucketOwnershipControls",
                    "GetPublicAccessBlock",
                    "PutBucketAccelerateConfiguration",
                    "PutBucketAnalyticsConfiguration",
                    "PutBucketIntelligentTieringConfiguration",
                    "PutBucketInventoryConfiguration",
                    "PutBucketLogging",
                    "PutBucketMetricsConfiguration",
                    "PutBucketOwnershipControls",
                    "PutBucketRequestPayment",
                    "PutBucketWebsite",
                    "PutPublicAccessBlock",
                    "DeleteBucketAnalyticsConfiguration",
                    "DeleteBucketIntelligentTieringConfiguration",
                    "DeleteBucketInventoryConfiguration",
                    "DeleteBucketMetricsConfiguration",
                    "DeleteBucketOwnershipControls",
                    "DeleteBucketWebsite",
                    "DeletePublicAccessBlock",
                    "GetObjectTorrent"),
            Set.of("minio", ".minio.sys"),
            true),

    /**
     * What the Object Gateway of Ceph documents. It was compared neither with its source nor with a server. A query key that the
     * gateway of Ceph does not know leaves what the request is without the key.
     */
    CEPH(
            Set.of(
                    "GetBucketAccelerateConfiguration",
                    "GetBucketAnalyticsConfiguration",
                    "ListBucketAnalyticsConfigurations",
                    "GetBucketIntelligentTieringConfiguration",
                    "ListBucketIntelligentTieringConfigurations",
                    "GetBucketInventoryConfiguration",
                    "ListBucketInventoryConfigurations",
                    "GetBucketMetricsConfiguration",
                    "ListBucketMetricsConfigurations",
                    "GetBucketOwnershipControls",
                    "PutBucketAccelerateConfiguration",
                    "PutBucketAnalyticsConfiguration",
                    "PutBucketIntelligentTieringConfiguration",
                    "PutBucketInventoryConfiguration",
                    "PutBucketLogging",
                    "PutBucketMetricsConfiguration",
                    "PutBucketOwnershipControls",
                    "DeleteBucketAnalyticsConfiguration",
                    "DeleteBucketIntelligentTieringConfiguration",
                    "DeleteBucketInventoryConfiguration",
                    "DeleteBucketMetricsConfiguration",
                    "DeleteBucketOwnershipControls",
                    "GetObjectAttributes",
                    "GetObjectTorrent",
                    "RestoreObject"),
            Set.of(),
            false);

    private final Set<String> missing;
    private final Set<String> reserved;
    private final boolean foldsSlashes;

    S3Server(Set<String> missing, Set<String> reserved, boolean foldsSlashes) {
        this.missing = missing;
        this.reserved = reserved;
        this.foldsSlashes = foldsSlashes;
    }

    /** Whether it does what the action of this id says. */
    boolean does(String id) {
        return !missing.contains(id);
    }

    /** Names, in lower case, that stand where a bucket's would, and are none. */
    Set<String> reserved() {
        return reserved;
    }

    /** Whether several slashes in a key are one to it. */
    boolean foldsSlashes() {
        return foldsSlashes;
    }
}
