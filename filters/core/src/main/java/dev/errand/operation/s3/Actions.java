package dev.errand.operation.s3;

import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.Effect;
import dev.errand.operation.s3.Action.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The actions of the S3 API. Each line has effect, id, method, level, selecting query keys and, after a bar, optional
 * ones. CopyObject and UploadPartCopy have no method: they are PutObject and UploadPart with a source.
 */
final class Actions {
    private static final String LISTING = "prefix delimiter encoding-type max-keys";
    private static final String RESPONSE = "response-cache-control response-content-disposition"
            + " response-content-encoding response-content-language response-content-type response-expires";
    private static final Map<String, String> FIXED = Map.of("list-type", "2", "select-type", "2");

    private static final String TABLE = """
            list ListBuckets GET service | max-buckets continuation-token prefix bucket-region
            list ListObjects GET bucket | marker $listing
            list ListObjectsV2 GET bucket list-type | continuation-token start-after fetch-owner $listing
            list ListObjectVersions GET bucket versions | key-marker version-id-marker $listing
            list ListMultipartUploads GET bucket uploads | key-marker upload-id-marker max-uploads prefix delimiter encoding-type
            read GetBucketLocation GET bucket location |
            read GetBucketAccelerateConfiguration GET bucket accelerate |
            read GetBucketAcl GET bucket acl |
            read GetBucketAnalyticsConfiguration GET bucket analytics id |
            list ListBucketAnalyticsConfigurations GET bucket analytics | continuation-token
            read GetBucketCors GET bucket cors |
            read GetBucketEncryption GET bucket encryption |
            read GetBucketIntelligentTieringConfiguration GET bucket intelligent-tiering id |
            list ListBucketIntelligentTieringConfigurations GET bucket intelligent-tiering | continuation-token
            read GetBucketInventoryConfiguration GET bucket inventory id |
            list ListBucketInventoryConfigurations GET bucket inventory | continuation-token
            read GetBucketLifecycleConfiguration GET bucket lifecycle |
            read GetBucketLogging GET bucket logging |
            read GetBucketMetricsConfiguration GET bucket metrics id |
            list ListBucketMetricsConfigurations GET bucket metrics | continuation-token
            read GetBucketNotificationConfiguration GET bucket notification |
            read GetBucketOwnershipControls GET bucket ownershipControls |
            read GetBucketPolicy GET bucket policy |
            read GetBucketPolicyStatus GET bucket policyStatus |
            read GetBucketReplication GET bucket replication |
            read GetBucketRequestPayment GET bucket requestPayment |
            read GetBucketTagging GET bucket tagging |
            read GetBucketVersioning GET bucket versioning |
            read GetBucketWebsite GET bucket website |
            read GetObjectLockConfiguration GET bucket object-lock |
            read GetPublicAccessBlock GET bucket publicAccessBlock |
            write CreateBucket PUT bucket |
            admin PutBucketAccelerateConfiguration PUT bucket accelerate |
            admin PutBucketAcl PUT bucket acl |
            admin PutBucketAnalyticsConfiguration PUT bucket analytics id |
            admin PutBucketCors PUT bucket cors |
            admin PutBucketEncryption PUT bucket encryption |
            admin PutBucketIntelligentTieringConfiguration PUT bucket intelligent-tiering id |
            admin PutBucketInventoryConfiguration PUT bucket inventory id |
            admin PutBucketLifecycleConfiguration PUT bucket lifecycle |
            admin PutBucketLogging PUT bucket logging |
            admin PutBucketMetricsConfiguration PUT bucket metrics id |
            admin PutBucketNotificationConfiguration PUT bucket notification |
            admin PutBucketOwnershipControls PUT bucket ownershipControls |
            admin PutBucketPolicy PUT bucket policy |
            admin PutBucketReplication PUT bucket replication |
            admin PutBucketRequestPayment PUT bucket requestPayment |
            admin PutBucketTagging PUT bucket tagging |
            admin PutBucketVersioning PUT bucket versioning |
            admin PutBucketWebsite PUT bucket website |
            admin PutObjectLockConfiguration PUT bucket object-lock |
            admin PutPublicAccessBlock PUT bucket publicAccessBlock |
            delete DeleteBucket DELETE bucket |
            admin DeleteBucketAnalyticsConfiguration DELETE bucket analytics id |
            admin DeleteBucketCors DELETE bucket cors |
            admin DeleteBucketEncryption DELETE bucket encryption |
            admin DeleteBucketIntelligentTieringConfiguration DELETE bucket intelligent-tiering id |
            admin DeleteBucketInventoryConfiguration DELETE bucket inventory id |
            admin DeleteBucketLifecycle DELETE bucket lifecycle |
            admin DeleteBucketMetricsConfiguration DELETE bucket metrics id |
            admin DeleteBucketOwnershipControls DELETE bucket ownershipControls |
            admin DeleteBucketPolicy DELETE bucket policy |
            admin DeleteBucketReplication DELETE bucket replication |
            admin DeleteBucketTagging DELETE bucket tagging |
            admin DeleteBucketWebsite DELETE bucket website |
            admin DeletePublicAccessBlock DELETE bucket publicAccessBlock |
            delete DeleteObjects POST bucket delete |
            read GetObject GET object | versionId partNumber $response
            read GetObjectAcl GET object acl | versionId
            read GetObjectAttributes GET object attributes | versionId
            read GetObjectLegalHold GET object legal-hold | versionId
            read GetObjectRetention GET object retention | versionId
            read GetObjectTagging GET object tagging | versionId
            read GetObjectTorrent GET object torrent |
            list ListParts GET object uploadId | max-parts part-number-marker
            write PutObject PUT object |
            admin PutObjectAcl PUT object acl | versionId
            admin PutObjectLegalHold PUT object legal-hold | versionId
            admin PutObjectRetention PUT object retention | versionId
            write PutObjectTagging PUT object tagging | versionId
            write UploadPart PUT object uploadId partNumber |
            write CreateMultipartUpload POST object uploads |
            write CompleteMultipartUpload POST object uploadId |
            write RestoreObject POST object restore | versionId
            read SelectObjectContent POST object select select-type |
            delete DeleteObject DELETE object | versionId
            write DeleteObjectTagging DELETE object tagging | versionId
            delete AbortMultipartUpload DELETE object uploadId |
            write CopyObject - object |
            write UploadPartCopy - object uploadId partNumber |
            """;

    /**
     * A request that names many keys in its body. It resolves to one DeleteObject pair for each key, so it is no
     * operation itself.
     */
    static final String DELETE_MANY = "DeleteObjects";

    private static final Map<String, Action> BY_ID = read();
    private static final Map<String, List<Action>> BY_PLACE = byPlace();
    private static final Map<String, Set<String>> SELECTORS = selectors();

    private Actions() {}

    /** The operations by id. */
    static Map<String, Action> operations() {
        Map<String, Action> operations = new LinkedHashMap<>(BY_ID);
        operations.remove(DELETE_MANY);
        return operations;
    }

    static Action get(String id) {
        return Objects.requireNonNull(BY_ID.get(id));
    }

    /** Whether the query key selects an action of any method or level. */
    static boolean isSelector(String key) {
        return SELECTORS.values().stream().anyMatch(keys -> keys.contains(key));
    }

    /** The action of a request; null if there is none, or if the action does not know one of the query keys. */
    static @Nullable Action find(String method, Level level, CanonicalQuery query) {
        String place = method.equals("HEAD") ? "GET " + level : method + ' ' + level;
        Set<String> selecting = SELECTORS.getOrDefault(place, Set.of());
        Set<String> chosen = new LinkedHashSet<>();
        for (int i = 0; i < query.size(); i++) {
            String fixed = FIXED.get(query.key(i));
            if (fixed != null && !fixed.equals(query.value(i))) {
                return null;
            } else if (selecting.contains(query.key(i))) {
                chosen.add(query.key(i));
            }
        }
        if (method.equals("HEAD") && !chosen.isEmpty()) {
            // Servers answer such a request as if it had no selecting key.
            return null;
        }
        for (Action action : BY_PLACE.getOrDefault(place, List.of())) {
            if (action.selectors().equals(chosen)) {
                return matches(action, query) ? action : null;
            }
        }
        return null;
    }

    /** Whether the query has every key that the action needs, and no key that the action does not know. */
    static boolean matches(Action action, CanonicalQuery query) {
        for (String selector : action.selectors()) {
            if (query.indexOf(selector) < 0) {
                return false;
            }
        }
        for (int i = 0; i < query.size(); i++) {
            String key = query.key(i);
            boolean itself = key.equals("x-id") && query.value(i).equals(action.id());
            if (!itself
                    && !action.selectors().contains(key)
                    && !action.optional().contains(key)) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, Action> read() {
        Map<String, Action> actions = new LinkedHashMap<>();
        TABLE.lines().forEach(line -> {
            int bar = line.indexOf('|');
            List<String> words = List.of(line.substring(0, bar).trim().split(" "));
            String optional =
                    line.substring(bar + 1).trim().replace("$listing", LISTING).replace("$response", RESPONSE);
            Action action = new Action(
                    words.get(1),
                    Effect.valueOf(words.get(0).toUpperCase(Locale.ROOT)),
                    words.get(2),
                    Level.valueOf(words.get(3).toUpperCase(Locale.ROOT)),
                    Set.copyOf(words.subList(4, words.size())),
                    optional.isEmpty() ? Set.of() : Set.of(optional.split(" ")));
            actions.put(action.id(), action);
        });
        return actions;
    }

    private static Map<String, List<Action>> byPlace() {
        Map<String, List<Action>> byPlace = new HashMap<>();
        BY_ID.values()
                .forEach(action -> byPlace.computeIfAbsent(
                                action.method() + ' ' + action.level(), place -> new ArrayList<>())
                        .add(action));
        return byPlace;
    }

    private static Map<String, Set<String>> selectors() {
        Map<String, Set<String>> selectors = new HashMap<>();
        BY_PLACE.forEach((place, actions) -> actions.forEach(action ->
                selectors.computeIfAbsent(place, key -> new LinkedHashSet<>()).addAll(action.selectors())));
        return selectors;
    }
}
