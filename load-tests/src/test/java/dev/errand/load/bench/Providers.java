package dev.errand.load.bench;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.concurrent.TimeUnit;
import org.conscrypt.Conscrypt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The JCA providers beside each other, over 300 bytes: why {@code CryptoProvider} chooses as it does. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class Providers {
    @Param({"JDK", "ACCP", "Conscrypt"})
    String provider = "";

    @Param({"ES256", "Ed25519"})
    String algorithm = "";

    private final byte[] message = "m".repeat(300).getBytes(StandardCharsets.US_ASCII);
    private Signature signer;
    private Signature verifier;
    private PrivateKey privateKey;
    private PublicKey publicKey;
    private byte[] signed = new byte[0];

    @Setup
    public void makeKeys() throws GeneralSecurityException {
        // Before the class loads: its own Ed25519 keys need no translation.
        System.setProperty("com.amazon.corretto.crypto.provider.registerEdKeyFactory", "true");
        boolean ec = algorithm.equals("ES256");
        KeyPairGenerator generator = KeyPairGenerator.getInstance(ec ? "EC" : "Ed25519", "SunEC");
        if (ec) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        }
        KeyPair pair = generator.generateKeyPair();
        Provider chosen = switch (provider) {
            case "ACCP" -> AmazonCorrettoCryptoProvider.INSTANCE;
            case "Conscrypt" -> Conscrypt.newProvider();
            default -> Security.getProvider("SunEC");
        };
        KeyFactory keys = KeyFactory.getInstance(ec ? "EC" : "Ed25519", chosen);
        privateKey =
                keys.generatePrivate(new PKCS8EncodedKeySpec(pair.getPrivate().getEncoded()));
        publicKey = keys.generatePublic(new X509EncodedKeySpec(pair.getPublic().getEncoded()));
        String jca = ec ? "SHA256withECDSA" : "Ed25519";
        signer = Signature.getInstance(jca, chosen);
        verifier = Signature.getInstance(jca, chosen);
        signed = sign();
        if (!verify()) {
            throw new IllegalStateException("the signature does not verify");
        }
    }

    @Benchmark
    public byte[] sign() throws GeneralSecurityException {
        signer.initSign(privateKey);
        signer.update(message);
        return signer.sign();
    }

    @Benchmark
    public boolean verify() throws GeneralSecurityException {
        verifier.initVerify(publicKey);
        verifier.update(message);
        return verifier.verify(signed);
    }
}
