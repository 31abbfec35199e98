package dev.errand.operation;

import java.util.List;
import java.util.Locale;

/** A protocol whose clients send headers of its own. A test with these clients holds the lists. Immutable. */
public enum HeaderProtocol {
    /** No protocol that has headers of its own. */
    NONE,
    /** The API of Kubernetes. */
    KUBERNETES(new Header("X-Stream-Protocol-Version", "kubectl and client-go, for exec, attach and port-forward")),
    /** The API of S3, whose resolver judges each of these headers. */
    S3(
            new Header("X-Amz-*", "aws, the AWS SDKs, rclone, s3cmd; one that the resolver does not know is refused"),
            new Header("Expires", "the AWS SDKs and aws s3 cp --expires, as an attribute of the object")),
    /** The distribution API of OCI registries. */
    OCI(new Header("Docker-Distribution-Api-Version", "skopeo, podman and older clients of Docker")),
    /** The API of Vault and OpenBao. */
    VAULT(
            new Header("X-Vault-Request", "vault, bao and their libraries, on every call"),
            new Header("X-Vault-Index", "the libraries, to read what they wrote"),
            new Header("X-Vault-Inconsistent", "the libraries, to read what they wrote"),
            new Header("X-Vault-Forward", "the libraries, to reach the active node"),
            new Header("X-Vault-No-Request-Forwarding", "the libraries, to reach this node")),
    /** Git over HTTP. */
    GIT(new Header("Git-Protocol", "git, to ask for version 2 of its protocol")),
    /** MCP over streamable HTTP. All APIs pass these headers. */
    JSONRPC(
            new Header("Mcp-*", "MCP's SDKs: session, version, and what the message is"),
            new Header("Last-Event-ID", "MCP's SDKs, to go on with a stream"));

    /**
     * A header that passes for this protocol.
     *
     * @param name in the usual spelling; a {@code *} ends a prefix
     * @param clients who sends it
     */
    public record Header(String name, String clients) {}

    private final List<Header> headers;
    private final String wire = name().toLowerCase(Locale.ROOT);

    HeaderProtocol(Header... headers) {
        this.headers = List.of(headers);
    }

    /** The headers that pass for it, besides the common ones. */
    public List<Header> headers() {
        return headers;
    }

    /** The word for it in printed lists. */
    public String wire() {
        return wire;
    }
}
