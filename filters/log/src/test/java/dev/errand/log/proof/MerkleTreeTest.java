package dev.errand.log.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MerkleTreeTest {
    private static final TreeHasher HASHER = new TreeHasher();

    /** The tree hash as RFC 9162 section 2.1.1 defines it. */
    private static byte[] naive(List<byte[]> leaves) {
        if (leaves.isEmpty()) {
            return HASHER.empty();
        }
        if (leaves.size() == 1) {
            return leaves.get(0);
        }
        int split = Integer.highestOneBit(leaves.size() - 1);
        return HASHER.node(naive(leaves.subList(0, split)), naive(leaves.subList(split, leaves.size())));
    }

    private static List<byte[]> leaves(int count) {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leaves.add(HASHER.leaf(("entry " + i).getBytes(StandardCharsets.UTF_8)));
        }
        return leaves;
    }

    private static Subtrees subtrees(List<byte[]> leaves) {
        Map<Long, byte[]> known = new HashMap<>();
        return (level, index) -> known.computeIfAbsent(
                index << 6 | level, key -> naive(leaves.subList((int) (index << level), (int) ((index + 1) << level))));
    }

    @Test
    void root_certificateTransparencysVectors() {
        String[] entries = {
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
        };
        String[] roots = {
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        };
        TileTree tree = new TileTree();
        assertThat(HexFormat.of().formatHex(tree.root()))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (int i = 0; i < entries.length; i++) {
            tree.add(HASHER.leaf(HexFormat.of().parseHex(entries[i])), (tile, hashes) -> {});
            assertThat(HexFormat.of().formatHex(tree.root())).isEqualTo(roots[i]);
        }
    }

    @Test
    void root_tiledTree_isTheNaiveOneAtEverySize() {
        List<byte[]> leaves = leaves(70_000);
        TileTree tree = new TileTree();
        List<Tile> full = new ArrayList<>();
        for (int size = 1; size <= leaves.size(); size++) {
            tree.add(leaves.get(size - 1), (tile, hashes) -> full.add(tile));
            if (size <= 1100 || size % 4999 == 0 || size == 65_535 || size == 65_536 || size == 70_000) {
                assertThat(tree.root()).as("size %d", size).isEqualTo(naive(leaves.subList(0, size)));
            }
        }
        // The example of tlog-tiles, "Partial Tiles".
        List<String> partial = new ArrayList<>();
        tree.partials((tile, hashes) -> partial.add(tile.path()));
        assertThat(partial).containsExactly("tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1");
        assertThat(full.stream().filter(tile -> tile.level() == 0)).hasSize(273);
        assertThat(full.stream().filter(tile -> tile.level() == 1)).hasSize(1);
    }

    @Test
    void inclusion_everySizeTo300_verifies() {
        List<byte[]> leaves = leaves(300);
        Subtrees subtrees = subtrees(leaves);
        List<byte[]> roots = new ArrayList<>();
        for (int size = 0; size <= 300; size++) {
            roots.add(naive(leaves.subList(0, size)));
        }
        for (int size = 1; size <= 300; size++) {
            for (int i = 0; i < size; i++) {
                InclusionProof proof = InclusionProof.of(i, size, subtrees);
                assertThat(proof.verify(leaves.get(i), roots.get(size))).isTrue();
                if (size > 1) {
                    assertThat(proof.verify(leaves.get((i + 1) % size), roots.get(size)))
                            .isFalse();
                }
            }
        }
    }

    @Test
    void verify_changedProof_isRefused() {
        List<byte[]> leaves = leaves(300);
        Subtrees subtrees = subtrees(leaves);
        SplittableRandom random = new SplittableRandom(9162);
        for (int round = 0; round < 2000; round++) {
            int size = random.nextInt(2, 301);
            int index = random.nextInt(size);
            byte[] root = naive(leaves.subList(0, size));
            InclusionProof proof = InclusionProof.of(index, size, subtrees);
            List<byte[]> path = new ArrayList<>(proof.path());
            switch (random.nextInt(4)) {
                case 0 -> path.remove(random.nextInt(path.size()));
                case 1 -> path.add(random.nextInt(path.size() + 1), leaves.get(0));
                case 2 -> {
                    byte[] flipped = path.get(0).clone();
                    flipped[random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
                    path.set(0, flipped);
                }
                default -> path.set(random.nextInt(path.size()), new byte[31]);
            }
            assertThat(new InclusionProof(index, size, path).verify(leaves.get(index), root))
                    .isFalse();
        }
    }

    @Test
    void path_ofATile_isReadBack() {
        assertThat(new Tile(3, 1_234_067, 256).path()).isEqualTo("tile/3/x001/x234/067");
        assertThat(Tile.parse("tile/3/x001/x234/067.p/8")).contains(new Tile(3, 1_234_067, 8));
        for (String other : List.of(
                "tile/03/000",
                "tile/0/x000/000",
                "tile/0/1234",
                "tile/0/000.p/256",
                "tile/0/000.p/08",
                "tile/64/000")) {
            assertThat(Tile.parse(other)).as(other).isEmpty();
        }
    }

    @Test
    void parse_theSpecificationsCheckpoint() {
        String note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
                + "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q"
                + "1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
        SignedNote parsed =
                SignedNote.parse(note.getBytes(StandardCharsets.UTF_8)).orElseThrow();
        assertThat(Checkpoint.parse(parsed))
                .contains(new Checkpoint(
                        "example.com/behind-the-sofa", 20_852_163, "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="));
        assertThat(parsed.signatures()).hasSize(1);
        assertThat(parsed.signatures().get(0).value()).hasSize(64);
        assertThat(SignedNote.parse(note.strip().getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
        assertThat(SignedNote.parse(note.replace("\u2014 ", "- ").getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
    }

    @Test
    void consistency_everyPairOfSizes_leadsToBothRoots() {
        List<byte[]> all = leaves(66);
        for (int size = 1; size <= all.size(); size++) {
            List<byte[]> leaves = all.subList(0, size);
            assertThat(ConsistencyProof.of(0, size, subtrees(leaves))).isEmpty();
            assertThat(ConsistencyProof.of(size, size, subtrees(leaves))).isEmpty();
            for (int earlier = 1; earlier < size; earlier++) {
                List<byte[]> proof = ConsistencyProof.of(earlier, size, subtrees(leaves));
                byte[][] roots = roots(earlier, size, naive(leaves.subList(0, earlier)), proof);
                assertThat(roots[0]).as("%d to %d", earlier, size).isEqualTo(naive(leaves.subList(0, earlier)));
                assertThat(roots[1]).as("%d to %d", earlier, size).isEqualTo(naive(leaves));
            }
        }
    }

    /** The two roots to which a proof leads, by the verifier of RFC 9162 section 2.1.4.2. */
    private static byte[][] roots(long earlier, long size, byte[] earlierRoot, List<byte[]> proof) {
        List<byte[]> path = new ArrayList<>(proof);
        if (Long.bitCount(earlier) == 1) {
            path.add(0, earlierRoot);
        }
        long fn = earlier - 1;
        long sn = size - 1;
        while ((fn & 1) == 1) {
            fn >>= 1;
            sn >>= 1;
        }
        byte[] first = path.get(0);
        byte[] second = path.get(0);
        for (byte[] hash : path.subList(1, path.size())) {
            assertThat(sn).isNotZero();
            if ((fn & 1) == 1 || fn == sn) {
                first = HASHER.node(hash, first);
                second = HASHER.node(hash, second);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                second = HASHER.node(second, hash);
            }
            fn >>= 1;
            sn >>= 1;
        }
        assertThat(sn).isZero();
        return new byte[][] {first, second};
    }
}
