package dev.errand.jose;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.errand.jose.JwsAlgorithm.KeyType;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import dev.errand.token.CompactJws;
import dev.errand.token.HolderKey;
import dev.errand.token.KeyThumbprint;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A public key read from a JWK (RFC 7517), of one of the types that are accepted here. Immutable.
 *
 * @param jwk the members as they were written
 * @param type the type of key
 * @param key the same key for the JCA
 * @param thumbprint its RFC 7638 thumbprint
 */
public record PublicJwk(JsonObject jwk, KeyType type, PublicKey key, KeyThumbprint thumbprint) {
    private static final List<String> PRIVATE = List.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;

    /** Parses a JWK; empty if malformed, of another type, off its curve, not for signatures, or with a private member. */
    public static Optional<PublicJwk> parse(JsonObject jwk) {
        for (String member : PRIVATE) {
            if (jwk.members().containsKey(member)) {
                return Optional.empty();
            }
        }
        String kty = jwk.string("kty");
        if (kty == null || !isForSignatures(jwk)) {
            return Optional.empty();
        }
        try {
            PublicJwk parsed = switch (kty) {
                case "OKP" -> okp(jwk);
                case "EC" -> ec(jwk);
                case "RSA" -> rsa(jwk);
                default -> null;
            };
            return Optional.ofNullable(parsed).filter(PublicJwk::algorithmFits);
        } catch (JOSEException | InvalidKeySpecException | IllegalArgumentException | IllegalStateException refused) {
            return Optional.empty();
        }
    }

    /** The JWK of a key from another source, such as a certificate; empty for an unsupported type. */
    public static Optional<PublicJwk> of(PublicKey key) {
        JsonMembers members = new JsonMembers();
        if (key instanceof RSAPublicKey rsa) {
            members.put("kty", "RSA");
            members.put("n", Base64URL.encode(rsa.getModulus()).toString());
            members.put("e", Base64URL.encode(rsa.getPublicExponent()).toString());
        } else if (key instanceof ECPublicKey ec) {
            int bytes = (ec.getParams().getCurve().getField().getFieldSize() + 7) / 8;
            Curve curve = Curve.forECParameterSpec(ec.getParams());
            if (curve == null) {
                return Optional.empty();
            }
            members.put("kty", "EC");
            members.put("crv", curve.getName());
            members.put("x", coordinate(bytes, ec.getW().getAffineX()));
            members.put("y", coordinate(bytes, ec.getW().getAffineY()));
        } else {
            byte[] x = Ed25519Point.ofSubjectPublicKeyInfo(key.getEncoded());
            if (x == null) {
                return Optional.empty();
            }
            members.put("kty", "OKP");
            members.put("crv", "Ed25519");
            members.put("x", Base64Url.encode(x));
        }
        return parse(members.toJson());
    }

    /** The same key with this {@code kid}. */
    public PublicJwk named(String kid) {
        Map<String, JsonValue> members = new LinkedHashMap<>(jwk.members());
        members.put("kid", new JsonString(kid));
        return new PublicJwk(new JsonObject(members), type, key, thumbprint);
    }

    /** The same key as a holder's key; empty unless Ed25519 or P-256. */
    public Optional<HolderKey> asHolderKey() {
        return type == KeyType.ED25519 || type == KeyType.P256
                ? Optional.of(new HolderKey(jwk, thumbprint, key))
                : Optional.empty();
    }

    private static String coordinate(int bytes, BigInteger value) {
        return ECKey.encodeCoordinate(bytes * 8, value).toString();
    }

    /** Whether this key may verify a token with this header algorithm. */
    public boolean fits(JwsAlgorithm algorithm) {
        String named = jwk.string("alg");
        return algorithm.keyType() == type
                && (named == null || named.equals(algorithm.id()) || type == KeyType.ED25519);
    }

    /** Whether this key made the token's signature, with this algorithm. Nothing in the token may be trusted before. */
    public boolean signed(CompactJws token, JwsAlgorithm algorithm) {
        return fits(algorithm)
                && token.signature()
                        .filter(signature -> algorithm.verify(key, token.signingInput(), signature))
                        .isPresent();
    }

    private static @Nullable PublicJwk okp(JsonObject jwk) throws JOSEException, InvalidKeySpecException {
        byte[] x = coordinate(jwk, "x", Ed25519Point.BYTES);
        if (!"Ed25519".equals(jwk.string("crv")) || x == null || !Ed25519Point.isAcceptableKey(x)) {
            return null;
        }
        PublicKey key =
                CryptoProvider.publicKey("Ed25519", new X509EncodedKeySpec(Ed25519Point.subjectPublicKeyInfo(x)));
        OctetKeyPair pair = new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x)).build();
        return new PublicJwk(jwk, KeyType.ED25519, key, thumbprint(pair.computeThumbprint()));
    }

    private static @Nullable PublicJwk ec(JsonObject jwk) throws JOSEException, InvalidKeySpecException {
        String crv = jwk.string("crv");
        KeyType type = "P-256".equals(crv) ? KeyType.P256 : "P-384".equals(crv) ? KeyType.P384 : null;
        if (type == null) {
            return null;
        }
        byte[] x = coordinate(jwk, "x", type.coordinateBytes());
        byte[] y = coordinate(jwk, "y", type.coordinateBytes());
        if (x == null || y == null) {
            return null;
        }
        Curve curve = type == KeyType.P256 ? Curve.P_256 : Curve.P_384;
        BigInteger prime = ((ECFieldFp) curve.toECParameterSpec().getCurve().getField()).getP();
        if (new BigInteger(1, x).compareTo(prime) >= 0 || new BigInteger(1, y).compareTo(prime) >= 0) {
            return null;
        }
        // The builder refuses a point that is not on the curve.
        ECKey ec = new ECKey.Builder(curve, Base64URL.encode(x), Base64URL.encode(y)).build();
        var specification =
                new ECPublicKeySpec(new ECPoint(new BigInteger(1, x), new BigInteger(1, y)), curve.toECParameterSpec());
        return new PublicJwk(
                jwk, type, CryptoProvider.publicKey("EC", specification), thumbprint(ec.computeThumbprint()));
    }

    private static @Nullable PublicJwk rsa(JsonObject jwk) throws JOSEException, InvalidKeySpecException {
        String n = jwk.string("n");
        String e = jwk.string("e");
        byte[] modulus = n == null || n.length() > MAX_RSA_BITS / 4 ? null : Base64Url.decode(n);
        byte[] exponent = e == null || e.length() > 16 ? null : Base64Url.decode(e);
        if (modulus == null || exponent == null) {
            return null;
        }
        BigInteger modulusNumber = new BigInteger(1, modulus);
        BigInteger exponentNumber = new BigInteger(1, exponent);
        if (modulusNumber.bitLength() < MIN_RSA_BITS
                || modulusNumber.bitLength() > MAX_RSA_BITS
                || exponentNumber.bitLength() < 2
                || !exponentNumber.testBit(0)) {
            return null;
        }
        PublicKey key = CryptoProvider.publicKey("RSA", new RSAPublicKeySpec(modulusNumber, exponentNumber));
        RSAKey rsa = new RSAKey.Builder(Base64URL.encode(modulusNumber), Base64URL.encode(exponentNumber)).build();
        return new PublicJwk(jwk, KeyType.RSA, key, thumbprint(rsa.computeThumbprint()));
    }

    private static boolean isForSignatures(JsonObject jwk) {
        JsonValue operations = jwk.get("key_ops");
        if (operations != null
                && !(operations instanceof JsonArray array && array.values().contains(new JsonString("verify")))) {
            return false;
        }
        // In SPIFFE bundles 'use' states what a key signs (SPIFFE Trust Domain and Bundle, section 4.2.2).
        JsonValue use = jwk.get("use");
        return use == null
                || (use instanceof JsonString s
                        && List.of("sig", "jwt-svid", "x509-svid").contains(s.value()));
    }

    private boolean algorithmFits() {
        JsonValue alg = jwk.get("alg");
        return alg == null
                || (alg instanceof JsonString name
                        && JwsAlgorithm.parse(name.value())
                                .filter(algorithm -> algorithm.keyType() == type)
                                .isPresent());
    }

    private static byte @Nullable [] coordinate(JsonObject jwk, String member, int bytes) {
        String text = jwk.string(member);
        return text == null ? null : Base64Url.decode(text, bytes);
    }

    private static KeyThumbprint thumbprint(Base64URL value) {
        return new KeyThumbprint(value.toString());
    }
}
