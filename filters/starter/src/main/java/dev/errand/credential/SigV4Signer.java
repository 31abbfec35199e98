package dev.errand.credential;

import dev.errand.upstream.OutgoingRequest;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.internal.signer.CredentialScope;
import software.amazon.awssdk.http.auth.aws.internal.signer.V4Properties;
import software.amazon.awssdk.http.auth.aws.internal.signer.V4RequestSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.utils.http.SdkHttpUtils;

/**
 * Signs requests by AWS Signature Version 4. A body that was read is covered by its hash; one that streams is declared
 * {@code UNSIGNED-PAYLOAD} for S3, and refused for other services, which need its hash. A body of unsigned chunks with a trailer
 * ({@code STREAMING-UNSIGNED-PAYLOAD-TRAILER}) is declared as it stands. The client's chunked signatures are refused, since
 * they cannot be made again without reading the body. Immutable and thread-safe.
 */
final class SigV4Signer {
    /** The names of the headers that the signer writes, in lower case. */
    public static final Set<String> WRITTEN =
            Set.of("authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token");

    /** Those of them that let their reader act as the signer. */
    public static final Set<String> SECRET = Set.of("authorization", "x-amz-security-token");

    private static final String CONTENT = "x-amz-content-sha256";
    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
    private static final String UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    private final String region;
    private final String service;
    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();

    /**
     * @param region such as {@code eu-central-1}
     * @param service the signing name, such as {@code s3}
     */
    public SigV4Signer(String region, String service) {
        this.region = region;
        this.service = service;
    }

    /**
     * The headers of the signed request.
     *
     * @throws CredentialUnavailableException for a body that the client signed chunk by chunk, and for a body that was not
     *     read if the service is not S3
     */
    public Map<String, String> sign(OutgoingRequest request, AwsCredentialsIdentity identity) {
        boolean s3 = service.equals("s3");
        if (!s3 && request.streams()) {
            throw new CredentialUnavailableException("the signature of '" + service
                    + "' needs the hash of the body, and this body was not read: only a body that the operation's 'params'"
                    + " name arguments of is read");
        }
        byte[] content = request.content() == null && !s3 ? new byte[0] : request.content();
        String declared = String.join(",", request.headers().getOrDefault(CONTENT, List.of()));
        boolean trailer = s3 && content == null && declared.equals(UNSIGNED_TRAILER);
        if (declared.startsWith("STREAMING-") && !trailer) {
            throw new CredentialUnavailableException(
                    "a chunk-signed body cannot be signed again; send its chunks unsigned");
        }
        SdkHttpRequest.Builder unsigned = unsigned(request, s3 ? spelled(request.path()) : request.path());
        request.headers().forEach((name, values) -> {
            if (isSigned(name)) {
                values.forEach(value -> unsigned.appendHeader(name, value));
            }
        });
        SdkHttpRequest signed = trailer ? chunked(unsigned, identity) : signed(unsigned.build(), identity, content, s3);
        Map<String, String> written = new LinkedHashMap<>();
        signed.forEachHeader((name, values) -> {
            if (WRITTEN.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                written.put(name, values.get(0));
            }
        });
        if (content == null) {
            written.putIfAbsent(CONTENT, UNSIGNED);
        }
        return written;
    }

    private SdkHttpRequest signed(
            SdkHttpRequest unsigned, AwsCredentialsIdentity identity, byte @Nullable [] content, boolean s3) {
        return signer.sign(to -> {
                    to.request(unsigned)
                            .identity(identity)
                            .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                            .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                            .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, !s3)
                            .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, !s3)
                            .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, content != null);
                    if (content != null) {
                        to.payload(() -> new ByteArrayInputStream(content));
                    }
                })
                .request();
    }

    /**
     * Signs the request with its body declared as the client framed it. The signer's public API would frame the body itself,
     * and sign a length that the client's chunks do not have. So its internal class is used, which signs a declared hash.
     */
    private SdkHttpRequest chunked(SdkHttpRequest.Builder unsigned, AwsCredentialsIdentity identity) {
        Clock clock = Clock.systemUTC();
        V4Properties properties = V4Properties.builder()
                .credentials(identity)
                .credentialScope(new CredentialScope(region, service, clock.instant()))
                .signingClock(clock)
                .doubleUrlEncode(false)
                .normalizePath(false)
                .build();
        return V4RequestSigner.header(properties)
                .sign(unsigned.putHeader(CONTENT, UNSIGNED_TRAILER))
                .getSignedRequest()
                .build();
    }

    /**
     * The request as {@code https}, since over plain {@code http} the signer would hash a body that it does not have.
     * The scheme itself is not signed. The port is left out if it is the real scheme's default.
     */
    private static SdkHttpRequest.Builder unsigned(OutgoingRequest request, String path) {
        URI target = request.target();
        int port = target.getPort();
        boolean isDefault = port == -1 || ("http".equalsIgnoreCase(target.getScheme()) && port == 80);
        String authority = target.getHost() + (isDefault ? "" : ":" + port);
        String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
        return SdkHttpFullRequest.builder()
                .method(SdkHttpMethod.fromValue(request.method()))
                .uri(URI.create("https://" + authority + path + query));
    }

    /**
     * The path in the spelling that S3 signs, whichever spelling is sent: every byte except unreserved ones and slashes is
     * percent-encoded, in upper case. For other services the signer itself encodes the path once more.
     */
    private static String spelled(String path) {
        // The decoder would read a plus as a space; in a path it is a plus.
        return SdkHttpUtils.urlEncodeIgnoreSlashes(SdkHttpUtils.urlDecode(path.replace("+", "%2B")));
    }

    private static boolean isSigned(String name) {
        return (name.startsWith("x-amz-") && !WRITTEN.contains(name)) || name.equals("content-type");
    }
}
