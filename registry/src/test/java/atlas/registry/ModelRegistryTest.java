package atlas.registry;

import static atlas.registry.RegistryHome.APPROVER;
import static atlas.registry.RegistryHome.OPERATOR;
import static atlas.registry.RegistryHome.PUSHER;
import static atlas.registry.RegistryHome.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditUnavailableException;
import atlas.core.ModelRef;
import atlas.registry.Admission.Admitted;
import atlas.registry.Admission.NotAdmitted;
import atlas.registry.ModelVersion.State;
import atlas.registry.RegistryRefusal.Cause;
import atlas.registry.oms.SecondSignature;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRegistryTest {
    @TempDir Path dir;
    private RegistryHome home;

    @BeforeEach
    void openTheHome() {
        home = new RegistryHome(dir);
    }

    @AfterEach
    void closeTheHome() {
        home.close();
    }

    private static void assertRefused(Cause cause, String why, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RegistryRefusal.class, e -> assertThat(e.why()).isEqualTo(cause))
                .hasMessageContaining(why);
    }

    @Test
    void givesBackVerifiedWhatWasPushedSignedApprovedAndDeployed() throws IOException {
        ModelVersion version = home.deploy("toy", 600_000);

        assertThat(version.state()).isEqualTo(State.DEPLOYED);
        assertThat(version.signer()).isEqualTo("demo");
        assertThat(version.card()).containsEntry("model_type", "toy");
        try (OpenedModel model = home.registry.openForServing(version.ref(), "node-1")) {
            assertThat(model.files())
                    .containsExactly("README.md", "config.json", "model.safetensors");
            assertThat(model.file("model.safetensors").toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(RegistryHome.safetensors(600_000));
        }
        assertThat(home.journal.entries)
                .containsExactly(
                        "pushed toy@1 3 files",
                        "approved toy@1 ",
                        "deployed toy@1 ",
                        "loaded toy@1 verified");
    }

    @Test
    void loadsALargeFileThroughTwoThreads() throws IOException {
        ModelVersion version = home.deploy("large", 9_000_001);

        try (OpenedModel model = home.registry.openForServing(version.ref(), "node-1")) {
            assertThat(model.file("model.safetensors").toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(RegistryHome.safetensors(9_000_001));
        }
    }

    @Test
    void keepsOnlyCiphertextOnDisk() throws IOException {
        home.deploy("planted-name", 5000);

        for (Path file : home.stored(".")) {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            assertThat(text).doesNotContain(SECRET).doesNotContain("planted-name");
        }
        assertThat(home.stored("parts")).isEmpty();
    }

    @Test
    void remembersEverythingAfterRestart() throws IOException {
        home.deploy("toy", 100);
        home.push("toy", 200);
        List<ModelVersion> before = home.registry.list();

        home.reopen();

        assertThat(home.registry.list()).isEqualTo(before).hasSize(2);
        assertThat(home.registry.deployed("toy")).contains(before.getFirst());
        assertThat(home.registry.admit("toy")).isInstanceOf(Admitted.class);
    }

    @Test
    void refusesTheApprovalOfWhoPushed() throws IOException {
        ModelRef ref = home.push("toy", 100).ref();

        assertRefused(Cause.FOUR_EYES, "somebody else", () -> home.registry.approve(ref, PUSHER));
        assertThat(home.registry.find(ref).orElseThrow().state()).isEqualTo(State.PUSHED);
    }

    @Test
    void admitsOnlyADeployedVersion() throws IOException {
        ModelRef ref = home.push("toy", 100).ref();
        assertThat(home.registry.admit("toy")).isInstanceOf(NotAdmitted.class);
        assertRefused(Cause.STATE, "is pushed", () -> home.registry.openForServing(ref, "node-1"));
        assertRefused(Cause.STATE, "is pushed", () -> home.registry.deploy(ref, OPERATOR));

        home.registry.approve(ref, APPROVER);
        assertThat(home.registry.admit("toy")).isInstanceOf(NotAdmitted.class);
        assertRefused(Cause.STATE, "is approved", () -> home.registry.approve(ref, APPROVER));

        home.registry.deploy(ref, OPERATOR);
        assertThat(home.registry.admit("toy"))
                .isInstanceOfSatisfying(
                        Admitted.class, a -> assertThat(a.version().ref()).isEqualTo(ref));

        home.registry.retire(ref, APPROVER);
        assertThat(home.registry.admit("toy")).isInstanceOf(NotAdmitted.class);
        assertRefused(Cause.STATE, "is retired", () -> home.registry.openForServing(ref, "node-1"));
    }

    @Test
    void rollsBackToTheVersionThatServedBefore() throws IOException {
        ModelRef first = home.deploy("toy", 100).ref();
        ModelRef second = home.deploy("toy", 200).ref();
        assertThat(home.registry.find(first).orElseThrow().state()).isEqualTo(State.APPROVED);

        assertThat(home.registry.rollback("toy", APPROVER).ref()).isEqualTo(first);

        assertThat(home.registry.deployed("toy").orElseThrow().ref()).isEqualTo(first);
        assertThat(home.registry.find(second).orElseThrow().state()).isEqualTo(State.APPROVED);
        assertRefused(
                Cause.STATE, "no earlier version", () -> home.registry.rollback("none", APPROVER));
    }

    @Test
    void tellsOfEveryChangeOfWhatMayServeOnceItHolds() throws IOException {
        List<String> seen = new ArrayList<>();
        home.registry.onChange(() ->
                seen.add(
                        home.registry
                                .deployed("toy")
                                .map(version -> version.ref().toString())
                                .orElse("nothing")));
        ModelRef first = home.deploy("toy", 100).ref();
        ModelRef second = home.deploy("toy", 200).ref();
        seen.clear();

        home.registry.rollback("toy", APPROVER);
        home.registry.retire(first, APPROVER);
        home.registry.trust(TrustedSigners.none());

        assertThat(seen).containsExactly("toy@1", "nothing", "nothing");
        assertThat(second.version()).isEqualTo(2);
    }

    @Test
    void changesNothingWhenTheJournalCannotRecord() throws IOException {
        ModelRef pushed = home.push("toy", 100).ref();
        ModelRef approved = home.push("toy", 200).ref();
        home.registry.approve(approved, APPROVER);
        List<ModelVersion> before = home.registry.list();
        int objects = home.stored("objects").size();
        Path folder = home.model("toy", 300);
        home.journal.broken = true;

        for (ThrowingCallable change :
                List.<ThrowingCallable>of(
                        () -> home.registry.approve(pushed, APPROVER),
                        () -> home.registry.deploy(approved, OPERATOR),
                        () -> home.registry.retire(pushed, APPROVER),
                        () -> home.registry.openForServing(approved, "node-1"),
                        () ->
                                home.registry.push(
                                        folder, "toy", home.sign(folder), PUSHER, _ -> {}))) {
            assertThatThrownBy(change).isInstanceOf(AuditUnavailableException.class);
        }

        assertThat(home.registry.list()).isEqualTo(before);
        assertThat(home.stored("objects")).hasSize(objects);
        home.journal.broken = false;
        home.reopen();
        assertThat(home.registry.list()).isEqualTo(before);
    }

    @Test
    void journalsAChangeBeforeItTakesEffect() throws IOException {
        ModelRef ref = home.push("toy", 100).ref();
        List<Optional<State>> seen = new ArrayList<>();
        home.journal.onEntry = () -> seen.add(home.registry.find(ref).map(ModelVersion::state));

        home.registry.approve(ref, APPROVER);
        home.registry.deploy(ref, OPERATOR);

        assertThat(seen).containsExactly(Optional.of(State.PUSHED), Optional.of(State.APPROVED));
    }

    @Test
    void refusesWhatNoTrustedSignerSigned() throws IOException {
        Path folder = home.model("toy", 100);
        ModelSigner stranger =
                new ModelSigner(RegistryHome.keyPair().getPrivate(), Optional.empty());
        ModelSigner.Signature good = home.sign(folder);

        assertRefused(
                Cause.SIGNATURE,
                "not trusted",
                () -> home.registry.push(folder, "toy", stranger.sign(folder), PUSHER, _ -> {}));
        Files.writeString(folder.resolve("README.md"), "changed");
        assertRefused(
                Cause.SIGNATURE,
                "`README.md`",
                () -> home.registry.push(folder, "toy", good, PUSHER, _ -> {}));
        Files.writeString(folder.resolve("extra.txt"), "more");
        assertRefused(
                Cause.SIGNATURE,
                "`extra.txt` is not signed",
                () -> home.registry.push(folder, "toy", good, PUSHER, _ -> {}));
        assertThat(home.stored("objects")).isEmpty();
        assertThat(home.stored("parts")).isEmpty();
        assertThat(home.journal.entries).isEmpty();
    }

    @Test
    void refusesContentThatIsNotAdmittedEvenWhenSigned() throws IOException {
        Path folder = home.model("toy", 100);
        Files.write(folder.resolve("weights.bin"), new byte[] {(byte) 0x80, 4, 'c', 'o', 's', '.'});

        assertRefused(
                Cause.CONTENT,
                "pickle",
                () -> home.registry.push(folder, "toy", home.sign(folder), PUSHER, _ -> {}));
        assertThat(home.stored("objects")).isEmpty();
    }

    @Test
    void refusesMoreThanItsQuota() throws IOException {
        home.registry.close();
        home.registry =
                home.open(new RegistryConfig(home.models(), "default", 50_000, 3), Faults.NONE);
        home.push("toy", 40_000);

        assertRefused(Cause.QUOTA, "does not fit", () -> home.push("toy", 20_000));
        Path folder = home.model("many", 10);
        Files.writeString(folder.resolve("more.txt"), "more");
        assertRefused(
                Cause.QUOTA,
                "more than 3 files",
                () -> home.registry.push(folder, "many", home.sign(folder), PUSHER, _ -> {}));
    }

    @Test
    void givesEveryConcurrentPushItsOwnVersion() throws Exception {
        Path folder = home.model("toy", 1000);
        ModelSigner.Signature signature = home.sign(folder);
        List<Future<ModelVersion>> pushes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                pushes.add(
                        threads.submit(() ->
                                home.registry.push(folder, "toy", signature, PUSHER, _ -> {})));
            }
        }
        List<Integer> versions = new ArrayList<>();
        for (Future<ModelVersion> push : pushes) {
            versions.add(push.get().ref().version());
        }
        assertThat(versions).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
        home.reopen();
        assertThat(home.registry.list()).hasSize(8);
    }

    @Test
    void stopsAdmittingWhenASignerIsNoLongerTrusted() throws IOException {
        ModelRef ref = home.deploy("toy", 100).ref();

        home.registry.trust(TrustedSigners.none());

        assertThat(home.registry.admit("toy")).isInstanceOf(NotAdmitted.class);
        assertRefused(
                Cause.SIGNATURE, "not trusted", () -> home.registry.openForServing(ref, "node-1"));
        assertThat(home.journal.entries.getLast()).startsWith("refused toy@1");
    }

    @Test
    void requiresBothSignaturesOfWhoSignsTwice() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("ML-DSA-65").generateKeyPair();
        KeyPair other = KeyPairGenerator.getInstance("ML-DSA-65").generateKeyPair();
        TrustedSigners once = TrustedSigners.none().withKey("demo", home.signer.getPublic());
        TrustedSigners twice = once.withSecond("demo", pair.getPublic());
        Path folder = home.model("toy", 100);
        byte[] first = home.sign(folder).bundle();
        home.registry.trust(twice);

        assertRefused(
                Cause.SIGNATURE, "the second signature is missing", () -> push(folder, first));
        assertRefused(
                Cause.SIGNATURE, "not by the ML-DSA-65 key", () -> push(folder, first, other));
        ModelRef ref = push(folder, first, pair).ref();
        home.registry.approve(ref, RegistryHome.APPROVER);
        home.registry.deploy(ref, RegistryHome.OPERATOR);
        assertThat(home.registry.admit("toy")).isInstanceOf(Admitted.class);

        // The version was kept with both: trusting the first key alone is not enough any more.
        home.registry.trust(once);
        assertThat(home.registry.admit("toy")).isInstanceOf(NotAdmitted.class);
        assertRefused(
                Cause.SIGNATURE, "signed twice", () -> home.registry.openForServing(ref, "node-1"));
        home.reopen();
        assertThat(home.registry.admit("toy")).isInstanceOf(NotAdmitted.class);
        home.registry.trust(twice);
        home.registry.openForServing(ref, "node-1").close();
    }

    private ModelVersion push(Path folder, byte[] bundle, KeyPair... second) {
        Optional<byte[]> signature =
                Stream.of(second)
                        .map(pair ->
                                SecondSignature.sign(bundle, pair.getPrivate(), pair.getPublic()))
                        .findFirst();
        return home.registry.push(
                folder,
                "toy",
                new ModelSigner.Signature(bundle, signature),
                RegistryHome.PUSHER,
                _ -> {});
    }

    @Test
    void keepsNoSecondSignatureThatNobodyAskedFor() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("ML-DSA-65").generateKeyPair();
        Path folder = home.model("toy", 100);

        ModelRef ref = push(folder, home.sign(folder).bundle(), pair).ref();

        home.registry.approve(ref, RegistryHome.APPROVER);
        home.registry.deploy(ref, RegistryHome.OPERATOR);
        assertThat(home.registry.admit("toy")).isInstanceOf(Admitted.class);
    }

    @Test
    void keepsTensorDataThatAnOnnxFileRefersToAndNoOther() throws IOException {
        byte[] onnx = {
            7 << 3 | 2,
            25,
            5 << 3 | 2,
            23,
            13 << 3 | 2,
            19,
            10,
            8,
            'l',
            'o',
            'c',
            'a',
            't',
            'i',
            'o',
            'n',
            18,
            7,
            'a',
            '.',
            'd',
            'a',
            't',
            'a',
            '1',
            14 << 3,
            1
        };
        Path folder = Files.createDirectory(home.dir.resolve("onnx"));
        Files.write(folder.resolve("a.data1"), new byte[] {1, 2, 3});
        byte[] alone = home.sign(folder).bundle();
        assertRefused(Cause.CONTENT, "unknown", () -> push(folder, alone));

        Files.write(folder.resolve("m.onnx"), onnx);
        ModelVersion kept = push(folder, home.sign(folder).bundle());

        assertThat(kept.files()).hasSize(2);
    }

    @Test
    void refusesToBeOpenedTwice() {
        assertThatThrownBy(() -> home.open(Faults.NONE))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("in another process");
    }

    @Test
    void refusesNamesVersionsAndFoldersThatAreNot() throws IOException {
        Path folder = home.model("toy", 100);
        ModelSigner.Signature signature = home.sign(folder);
        assertRefused(
                Cause.INVALID,
                "not a model name",
                () -> home.registry.push(folder, "../toy", signature, PUSHER, _ -> {}));
        assertRefused(
                Cause.UNKNOWN,
                "there is no `toy@9`",
                () -> home.registry.approve(new ModelRef("toy", 9), APPROVER));
    }
}
