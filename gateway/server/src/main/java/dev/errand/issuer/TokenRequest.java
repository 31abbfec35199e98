package dev.errand.issuer;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * One request to an OAuth endpoint, as read.
 *
 * @param form the body
 * @param proofs the values of the {@code DPoP} header, one for each field line
 * @param ancestors the values of the {@code Delegation-Chain} header, one for each field line
 * @param certificates the client's TLS certificates, leaf first; empty without mutual TLS
 * @param address the network address that the request came from
 */
record TokenRequest(
        FormBody form,
        List<String> proofs,
        List<String> ancestors,
        List<X509Certificate> certificates,
        String address) {
    public TokenRequest {
        proofs = List.copyOf(proofs);
        ancestors = List.copyOf(ancestors);
        certificates = List.copyOf(certificates);
    }
}
