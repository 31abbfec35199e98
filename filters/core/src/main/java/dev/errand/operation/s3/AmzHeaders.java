package dev.errand.operation.s3;

import dev.errand.operation.RequestHeaders;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The operations that {@code x-amz-*} headers add to an action. Headers that grant, tag or lock are operations of their
 * own. Headers without an effect on the operation pass. Any other header makes the request unknown. Thread-safe.
 */
final class AmzHeaders {
    static final String COPY_SOURCE = "x-amz-copy-source";

    private static final String TRAILER = "x-amz-trailer";
    private static final String CHECKSUM = "x-amz-checksum-";

    /** A condition without which the action would do at least as much. */
    private static final String CONDITION = "x-amz-if-match-";

    private static final Set<String> CREATING = Set.of("PutObject", "CopyObject", "CreateMultipartUpload");
    private static final Set<String> COPYING = Set.of("CopyObject", "UploadPartCopy");

    private static final Set<String> NEUTRAL = Set.of(
            "x-amz-content-sha256",
            "x-amz-date",
            "x-amz-decoded-content-length",
            TRAILER,
            "x-amz-user-agent",
            "x-amz-sdk-checksum-algorithm",
            "x-amz-checksum-algorithm",
            "x-amz-checksum-mode",
            "x-amz-checksum-type",
            "x-amz-request-payer",
            "x-amz-expected-bucket-owner",
            "x-amz-te");
    private static final Set<String> ENCRYPTION = Set.of(
            "x-amz-server-side-encryption-customer-algorithm",
            "x-amz-server-side-encryption-customer-key",
            "x-amz-server-side-encryption-customer-key-md5");
    private static final Set<String> OF_CREATION = Set.of(
            "x-amz-storage-class",
            "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-aws-kms-key-id",
            "x-amz-server-side-encryption-context",
            "x-amz-server-side-encryption-bucket-key-enabled",
            "x-amz-website-redirect-location");
    private static final Set<String> OF_COPY = Set.of(
            COPY_SOURCE,
            "x-amz-copy-source-if-match",
            "x-amz-copy-source-if-modified-since",
            "x-amz-copy-source-if-none-match",
            "x-amz-copy-source-if-unmodified-since",
            "x-amz-copy-source-server-side-encryption-customer-algorithm",
            "x-amz-copy-source-server-side-encryption-customer-key",
            "x-amz-copy-source-server-side-encryption-customer-key-md5",
            "x-amz-source-expected-bucket-owner");

    private AmzHeaders() {}

    /** The ids of the operations that the headers add to an action, on the same resource, in a fixed order. */
    static Set<String> added(Action action, RequestHeaders headers) throws UnknownRequestException {
        Set<String> added = new LinkedHashSet<>();
        for (String trailer : headers.values(TRAILER)) {
            // The only trailer that a body may have is a checksum.
            if (!trailer.strip().toLowerCase(Locale.ROOT).startsWith(CHECKSUM) || trailer.indexOf(',') >= 0) {
                throw new UnknownRequestException();
            }
        }
        for (String sent : headers.names()) {
            String name = sent.toLowerCase(Locale.ROOT);
            if (name.replace('_', '-').startsWith("x-amz-")) {
                String more = isDefault(action.id(), name, headers.values(sent)) ? "" : added(action.id(), name);
                if (!more.isEmpty() && !more.equals(action.id())) {
                    added.add(more);
                }
            }
        }
        return added;
    }

    /** Whether the header asks for what the action does without it: what a new object or bucket has, only its owner may use. */
    private static boolean isDefault(String action, String name, List<String> values) {
        return name.equals("x-amz-acl")
                && (CREATING.contains(action) || action.equals("CreateBucket"))
                && values.equals(List.of("private"));
    }

    /** The id that one header adds; empty if it adds none. */
    private static String added(String action, String name) throws UnknownRequestException {
        boolean creating = CREATING.contains(action);
        if (NEUTRAL.contains(name)
                || name.startsWith(CHECKSUM)
                || name.startsWith(CONDITION)
                || (ENCRYPTION.contains(name) && !action.contains("Bucket"))
                || (creating && (OF_CREATION.contains(name) || name.startsWith("x-amz-meta-")))
                || (COPYING.contains(action) && (OF_COPY.contains(name)))
                || isOwn(action, name)) {
            return "";
        }
        if (name.equals("x-amz-acl") || name.startsWith("x-amz-grant-")) {
            if (creating || action.equals("PutObjectAcl")) {
                return "PutObjectAcl";
            } else if (action.equals("CreateBucket") || action.equals("PutBucketAcl")) {
                return "PutBucketAcl";
            }
        }
        if (creating && (name.equals("x-amz-tagging") || name.equals("x-amz-tagging-directive"))) {
            return "PutObjectTagging";
        } else if (creating && name.equals("x-amz-object-lock-legal-hold")) {
            return "PutObjectLegalHold";
        } else if (creating
                && (name.equals("x-amz-object-lock-mode") || name.equals("x-amz-object-lock-retain-until-date"))) {
            return "PutObjectRetention";
        } else if (name.equals("x-amz-bypass-governance-retention")
                && List.of("DeleteObject", "PutObjectRetention").contains(action)) {
            return "PutObjectRetention";
        } else if (action.equals("CreateBucket") && name.equals("x-amz-bucket-object-lock-enabled")) {
            return "PutObjectLockConfiguration";
        } else if (action.equals("CreateBucket") && name.equals("x-amz-object-ownership")) {
            return "PutBucketOwnershipControls";
        }
        throw new UnknownRequestException();
    }

    private static boolean isOwn(String action, String name) {
        return switch (name) {
            case "x-amz-metadata-directive" -> action.equals("CopyObject");
            case "x-amz-copy-source-range" -> action.equals("UploadPartCopy");
            case "x-amz-object-attributes", "x-amz-max-parts", "x-amz-part-number-marker" ->
                action.equals("GetObjectAttributes");
            case "x-amz-mp-object-size" -> action.equals("CompleteMultipartUpload");
            case "x-amz-optional-object-attributes" -> action.startsWith("ListObject");
            case "x-amz-confirm-remove-self-bucket-access" -> action.equals("PutBucketPolicy");
            case "x-amz-transition-default-minimum-object-size" -> action.equals("PutBucketLifecycleConfiguration");
            default -> false;
        };
    }
}
