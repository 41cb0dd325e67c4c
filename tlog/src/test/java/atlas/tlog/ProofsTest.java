package atlas.tlog;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProofsTest {

    @Test
    void agreesWithTheReferenceTreeOfRfc6962() throws Exception {
        JsonNode reference = Vectors.json("rfc6962/reference-tree.json");
        NaiveTree tree = new NaiveTree();
        int size = 0;
        for (JsonNode root : reference.get("root_hashes_hex_by_size")) {
            assertThat(tree.root(size).hex()).isEqualTo(root.asText());
            JsonNode leaf = reference.get("leaf_inputs_hex").get(size++);
            if (leaf != null) {
                tree.add(HexFormat.of().parseHex(leaf.asText()));
            }
        }
    }

    @Test
    void judgesInclusionProofsAsTheVectorsDo() {
        int seen = 0;
        for (JsonNode vector : Vectors.json("rfc6962/inclusion.json")) {
            List<Digest> all =
                    Vectors.digests(
                            List.of(
                                    Vectors.base64(vector.get("leafHash")),
                                    Vectors.base64(vector.get("root"))));
            List<Digest> proof = Vectors.digests(Vectors.hashes(vector.get("proof")));
            boolean holds =
                    all != null
                            && proof != null
                            && Proofs.included(
                                    vector.get("leafIdx").asLong(),
                                    vector.get("treeSize").asLong(),
                                    all.get(0),
                                    proof,
                                    all.get(1));
            assertThat(holds)
                    .as(vector.get("file").asText())
                    .isEqualTo(!vector.get("wantErr").asBoolean());
            seen++;
        }
        assertThat(seen).isEqualTo(76);
    }

    @Test
    void judgesConsistencyProofsAsTheVectorsDo() {
        int seen = 0;
        for (JsonNode vector : Vectors.json("rfc6962/consistency.json")) {
            List<Digest> proof = Vectors.digests(Vectors.hashes(vector.get("proof")));
            boolean holds =
                    proof != null
                            && Proofs.consistent(
                                    vector.get("size1").asLong(),
                                    vector.get("size2").asLong(),
                                    proof,
                                    root(Vectors.base64(vector.get("root1"))),
                                    root(Vectors.base64(vector.get("root2"))));
            assertThat(holds)
                    .as(vector.get("file").asText())
                    .isEqualTo(!vector.get("wantErr").asBoolean());
            seen++;
        }
        assertThat(seen).isEqualTo(67);
    }

    /** Some vectors have roots that are no hashes; hashed, they stay as equal or unequal. */
    private static Digest root(byte[] bytes) {
        return bytes.length == Digest.BYTES ? Digest.of(bytes) : Hashes.sha256(bytes);
    }

    @Test
    void makesTheRootsAndProofsThatGoMakes() {
        JsonNode vectors = Vectors.json("tree/tree.json");
        NaiveTree tree = NaiveTree.records(4097);
        TreeReader<RuntimeException> reader = new TreeReader<>(tree::node);
        vectors.get("roots")
                .properties()
                .forEach(root ->
                        assertThat(reader.root(Long.parseLong(root.getKey())).bytes())
                                .as("root of " + root.getKey())
                                .isEqualTo(Vectors.base64(root.getValue())));
        for (JsonNode vector : vectors.get("inclusion")) {
            assertThat(reader.inclusion(vector.get("Index").asLong(), vector.get("Size").asLong()))
                    .isEqualTo(Vectors.digests(Vectors.hashes(vector.get("Proof"))));
        }
        for (JsonNode vector : vectors.get("consistency")) {
            assertThat(
                            reader.consistency(
                                    vector.get("Size1").asLong(), vector.get("Size2").asLong()))
                    .isEqualTo(Vectors.digests(Vectors.hashes(vector.get("Proof"))));
        }
    }

    @Test
    void everyProofHoldsAndNoAlteredOneDoes() {
        long seed = new java.security.SecureRandom().nextLong();
        Random random = new Random(seed);
        NaiveTree tree = NaiveTree.records(700);
        TreeReader<RuntimeException> reader = new TreeReader<>(tree::node);
        for (int round = 0; round < 150; round++) {
            int size = 1 + random.nextInt(700);
            int index = random.nextInt(size);
            int first = 1 + random.nextInt(size);
            Digest root = tree.root(size);
            List<Digest> inclusion = reader.inclusion(index, size);
            List<Digest> consistency = reader.consistency(first, size);
            String what = "seed " + seed + " size " + size + " index " + index + " from " + first;

            assertThat(Proofs.included(index, size, tree.leaf(index), inclusion, root))
                    .as(what)
                    .isTrue();
            assertThat(Proofs.consistent(first, size, consistency, tree.root(first), root))
                    .as(what)
                    .isTrue();
            assertThat(
                            Proofs.included(
                                    index, size, tree.leaf(index), alter(inclusion, random), root))
                    .as(what)
                    .isFalse();
            assertThat(
                            Proofs.consistent(
                                    first,
                                    size,
                                    alter(consistency, random),
                                    tree.root(first),
                                    root))
                    .as(what)
                    .isFalse();
        }
    }

    /** Flips a bit of a hash, drops one or adds one. */
    private static List<Digest> alter(List<Digest> proof, Random random) {
        List<Digest> altered = new ArrayList<>(proof);
        int kind = proof.isEmpty() ? 2 : random.nextInt(3);
        int at = proof.isEmpty() ? 0 : random.nextInt(proof.size());
        if (kind == 0) {
            byte[] bytes = altered.get(at).bytes();
            bytes[random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
            altered.set(at, Digest.of(bytes));
        } else if (kind == 1) {
            altered.remove(at);
        } else {
            altered.add(at, Digest.of(new byte[32]));
        }
        return altered;
    }
}
