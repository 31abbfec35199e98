package dev.errand.operation.s3;

import java.util.Set;

/** A kind of S3 server, by its differences from the API of AWS. Immutable. */
enum S3Server {
    /** The whole API. */
    AWS(Set.of(), Set.of(), false),

    /**
     * By {@code cmd/api-router.go} of MinIO 7aac2a2. MinIO ignores query keys that it does not know. The reserved names
     * are those of MinIO's interface for administrators and of its own data.
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
     * By the documentation of Ceph's Object Gateway. This was compared neither with its source nor with a server. The
     * gateway ignores query keys that it does not know.
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

    /** Whether the server supports the action of this id. */
    boolean does(String id) {
        return !missing.contains(id);
    }

    /** Names, in lower case, that are no buckets although they are in a bucket's place. */
    Set<String> reserved() {
        return reserved;
    }

    /** Whether several slashes in a key are one slash to the server. */
    boolean foldsSlashes() {
        return foldsSlashes;
    }
}
