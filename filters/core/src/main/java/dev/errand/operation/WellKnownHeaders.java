package dev.errand.operation;

import dev.errand.token.ProofScheme;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The only list of request headers that no agent may decide about: those that end at the gateway, those in which a
 * proxy tells an upstream who calls, and those that change what a server does. A {@code *} ends a prefix of names.
 */
final class WellKnownHeaders {
    /**
     * Headers that end at the gateway: those of CONTRACT.md section 5, hop-by-hop fields (RFC 9110 section 7.6.1),
     * fields that the gateway writes itself, and our own prefix.
     */
    static final List<String> ENDING = withProofs(
            "Authorization",
            "Proxy-Authorization",
            "Proxy-Authenticate",
            "Delegation-Chain",
            "Workload-SVID",
            "Client-Cert*",
            "Cookie",
            "Forwarded",
            "X-Forwarded-*",
            "Signature*",
            "Content-Digest",
            "Repr-Digest",
            "Txn-Token",
            "X-Http2-*",
            "Proxy-Connection",
            "Connection",
            "Keep-Alive",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            // The gateway makes the handshake of a WebSocket itself; a subprotocol may hold a bearer token.
            "Sec-WebSocket-*",
            "Expect",
            "Host",
            "Traceparent",
            "Errand-*",
            "X-Application-Context");

    /** Those of the headers above in which an upstream may want the gateway's own credential. */
    static final List<String> CREDENTIALS = List.of(
            "Authorization",
            "Proxy-Authorization",
            "Cookie",
            "Client-Cert*",
            "X-Forwarded-User",
            "X-Forwarded-Preferred-Username",
            "X-Forwarded-Email",
            "X-Forwarded-Groups",
            "X-Forwarded-Access-Token");

    /** The headers in which a proxy tells the server behind it who calls, from where, or with which certificate. */
    static final List<String> IDENTITIES = List.of(
            // The CGI variable, and what authenticating reverse proxies make of it: Apache, Authelia, Kubernetes' front
            // proxy.
            "Remote-*",
            "X-Remote-*",
            "X-User",
            "X-User-Id",
            "X-User-Name",
            "X-User-Email",
            "X-User-Groups",
            "X-User-Roles",
            "X-Username",
            "X-Userinfo",
            "X-Proxy-User",
            "X-Proxy-Roles",
            "X-Proxy-Ext-*",
            "X-Authenticated-*",
            // Grafana, Gitea, Forgejo
            "X-WEBAUTH-*",
            // Client certificates, as nginx, HAProxy, Apache, Azure, F5 and WebLogic pass them on
            "X-SSL-*",
            "SSL-Client-*",
            "X-Client-Cert*",
            "X-Client-Dn",
            "X-Client-Verify",
            "X-ARR-ClientCert",
            "WL-Proxy-*",
            "$WS*",
            // oauth2-proxy, Keycloak's gatekeeper, Vouch, Caddy
            "X-Auth-Request-*",
            "X-Auth-Audience",
            "X-Auth-Email",
            "X-Auth-Groups",
            "X-Auth-Roles",
            "X-Auth-Subject",
            "X-Auth-User",
            "X-Auth-Userid",
            "X-Auth-Username",
            "X-Auth-CouchDB-*",
            "X-Vouch-*",
            "X-Token-Subject",
            "X-Token-User-*",
            // Identity-aware proxies
            "Cf-Access-*",
            "X-Goog-Authenticated-User-*",
            "X-Goog-IAP-*",
            "X-Appengine-*",
            "X-Apigateway-Api-Userinfo",
            "X-Endpoint-Api-Userinfo",
            "X-Amzn-Oidc-*",
            "X-Amzn-Mtls-*",
            "X-MS-Client-Principal*",
            "X-MS-Token-*",
            "X-authentik-*",
            "X-Pomerium-*",
            "Teleport-*",
            "X-Teleport-*",
            "Tailscale-*",
            "X-RH-Identity",
            // Single sign-on of older kinds: mod_auth_openidc, mellon, CAS, Shibboleth, WebSEAL, SiteMinder, Oracle
            "OIDC-*",
            "Mellon-*",
            "CAS-*",
            "Shib-*",
            "Iv-*",
            "SM-*",
            "OAM-*",
            // API gateways and meshes: Kong, APISIX, WSO2, Istio, Envoy, Linkerd
            "X-Consumer-*",
            "X-Credential-Identifier",
            "X-Anonymous-Consumer",
            "X-JWT-Assertion",
            "X-JWT-Payload",
            "X-JWT-Claim-*",
            "X-Istio-*",
            "X-Envoy-*",
            "L5d-*",
            // Servers with a header of their own that they trust
            "X-Spinnaker-*",
            "X-Scope-OrgID",
            "X-Hasura-*",
            "S3-Identity-Id",
            "S3-Is-Admin",
            // The caller's address, which servers compare with their lists
            "X-Real-IP",
            "X-Client-IP",
            "X-Cluster-Client-IP",
            "X-Originating-IP",
            "X-Azure-ClientIP",
            "X-Azure-SocketIP",
            "X-ProxyUser-IP",
            "Client-IP",
            "True-Client-IP",
            "CF-Connecting-IP*",
            "Fastly-Client-IP");

    /** The headers that change the meaning that a request has by its method, target and body. */
    static final List<String> CHANGING = List.of(
            // Vault and OpenBao: in which namespace, as whom, past which policy, and in which form the secret is given
            "X-Vault-Namespace",
            "X-Vault-Wrap-*",
            "X-Vault-Inline-Auth-*",
            "X-Vault-Policy-Override",
            "X-Vault-Recover-*",
            "X-Vault-Snapshot-*",
            // Gitea, Forgejo and GitLab: as whom
            "Sudo",
            // Kubernetes: the id in the apiserver's own audit log
            "Audit-ID",
            // S3 servers: deleting by force, replication, unpacking of archives, internal metadata
            "X-Minio-*",
            "X-Amz-Meta-Minio-*",
            "X-Amz-Meta-X-Minio-*",
            "X-Amz-Meta-Snowball-*",
            "X-RustFS-*",
            "X-Rgw-*",
            "Rgwx-*",
            "Seaweed-*",
            // JSON gateways of gRPC: the call's metadata, its credentials among them
            "Grpc-Metadata-*",
            // Elasticsearch and OpenSearch: as whom
            "Es-Security-Runas-User",
            "Es-Secondary-*",
            "OpenDistro-Security-Impersonate-As",
            "OpenSearch-Security-Impersonate-As",
            // Artifactory: its own address in answers
            "X-Artifactory-Override-Base-Url");

    /** The headers that override the request's own method, URL or host. */
    static final List<String> OVERRIDING = List.of(
            "X-HTTP-Method-Override",
            "X-HTTP-Method",
            "X-Method-Override",
            "X-Original-Method",
            "X-Original-URL",
            "X-Original-URI",
            "X-Original-Path",
            "X-Original-Host",
            "X-Rewrite-URL",
            "X-Rewrite-URI",
            "X-Override-URL",
            "X-HTTP-Path-Override",
            "X-HTTP-Host-Override",
            "X-Host");

    /**
     * Headers that may have only one value in a request. If there are two, some servers read the first and some the
     * last (RFC 9110 section 5.3), so the request has two meanings. Headers that change what a server does are
     * included, since a catalogue may let them pass.
     */
    static final List<String> SINGLE = Stream.concat(
                    CHANGING.stream(),
                    Stream.of(
                            "Content-Type",
                            // S3: what is copied, what else happens to the object, and what the signature covers
                            "X-Amz-Acl",
                            "X-Amz-Bucket-Object-Lock-*",
                            "X-Amz-Bypass-*",
                            "X-Amz-Content-Sha256",
                            "X-Amz-Copy-Source*",
                            "X-Amz-Date",
                            "X-Amz-Decoded-Content-Length",
                            "X-Amz-Expected-Bucket-Owner",
                            "X-Amz-Grant-*",
                            "X-Amz-Metadata-Directive",
                            "X-Amz-Mfa",
                            "X-Amz-Object-Lock-*",
                            "X-Amz-Object-Ownership",
                            "X-Amz-Server-Side-Encryption*",
                            "X-Amz-Source-Expected-Bucket-Owner",
                            "X-Amz-Storage-Class",
                            "X-Amz-Tagging*",
                            "X-Amz-Website-Redirect-Location",
                            // MCP
                            "Mcp-Method",
                            "Mcp-Name",
                            "Mcp-Protocol-Version",
                            "Mcp-Session-Id"))
            .toList();

    /** The headers with which a caller of a Kubernetes apiserver acts as another. */
    static final List<String> IMPERSONATING = List.of("Impersonate-*");

    private WellKnownHeaders() {}

    /** These names, and the header fields of proofs. */
    private static List<String> withProofs(String... names) {
        return Stream.concat(
                        Arrays.stream(names),
                        ProofScheme.ALL.stream().map(ProofScheme::header).filter(Objects::nonNull))
                .toList();
    }
}
