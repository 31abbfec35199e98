package dev.errand.jose;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A good X.509-SVID by a P-256 key, good for ten minutes, that each test breaks in one place. Not thread-safe. */
public final class TestCertificate {
    private final List<GeneralName> names = new ArrayList<>();
    private boolean isCa;
    private int usage = KeyUsage.digitalSignature;
    private KeyPurposeId purpose = KeyPurposeId.id_kp_clientAuth;
    private long from;
    private long to;
    private PrivateKey signer;

    /**
     * @param nowMillis the time about which it is good
     * @param signer the key that signs it
     * @param uris its URI SANs
     */
    public TestCertificate(long nowMillis, PrivateKey signer, String... uris) {
        this.signer = signer;
        uris(uris);
        times(nowMillis - 60_000, nowMillis + 600_000);
    }

    public TestCertificate uris(String... values) {
        names.clear();
        for (String uri : values) {
            names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
        }
        return this;
    }

    public TestCertificate address(String ip) {
        names.add(new GeneralName(GeneralName.iPAddress, ip));
        return this;
    }

    public TestCertificate dns(String name) {
        names.add(new GeneralName(GeneralName.dNSName, name));
        return this;
    }

    public TestCertificate isCa(boolean value) {
        isCa = value;
        return this;
    }

    public TestCertificate usage(int value) {
        usage = value;
        return this;
    }

    public TestCertificate purpose(KeyPurposeId value) {
        purpose = value;
        return this;
    }

    public TestCertificate times(long notBefore, long notAfter) {
        from = notBefore;
        to = notAfter;
        return this;
    }

    public TestCertificate signer(PrivateKey value) {
        signer = value;
        return this;
    }

    /** A self-signed signing certificate of a trust domain. */
    public static X509Certificate authority(long nowMillis, KeyPair key, String trustDomain) {
        return new TestCertificate(nowMillis, key.getPrivate(), "spiffe://" + trustDomain).ca(key);
    }

    public X509Certificate ca(KeyPair key) {
        return isCa(true)
                .usage(KeyUsage.keyCertSign | KeyUsage.cRLSign)
                .signer(key.getPrivate())
                .build(key.getPublic(), "CN=root");
    }

    public X509Certificate leaf(PublicKey key) {
        return build(key, "CN=leaf");
    }

    private X509Certificate build(PublicKey key, String subject) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Name("CN=root"), BigInteger.ONE, new Date(from), new Date(to), new X500Name(subject), key);
            if (!names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
            }
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isCa));
            if (usage != 0) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            }
            if (subject.equals("CN=leaf")) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
