package atlas.cli;

import atlas.registry.oms.KeylessIdentity;
import atlas.registry.oms.OmsException;
import atlas.registry.oms.OmsSigner;
import atlas.registry.oms.OmsVerification;
import atlas.registry.oms.OmsVerification.NotVerified;
import atlas.registry.oms.OmsVerification.Unreadable;
import atlas.registry.oms.OmsVerification.Verified;
import atlas.registry.oms.OmsVerifier;
import atlas.registry.oms.SecondSignature;
import atlas.registry.oms.SigstoreRoot;
import atlas.registry.oms.TrustPolicy;
import atlas.registry.scan.ModelScanner;
import atlas.registry.scan.ScanReport;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Model trust on files: no network, no home. */
final class ModelTrust {
    private ModelTrust() {}

    @Command(
            name = "sign",
            description = "Sign a model folder in the OpenSSF Model Signing format.",
            footer = "%nExample:%n  atlas model sign ./my-model --key key.pem")
    static final class Sign extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "DIR", description = "the model folder or file")
        private Path model = Path.of("");

        @Option(
                names = "--key",
                required = true,
                paramLabel = "K",
                description = "private key, PEM: P-256, P-384 or P-521")
        private Path key = Path.of("");

        @Option(
                names = "--cert-chain",
                paramLabel = "C",
                description = "certificate chain of the key, leaf first, PEM")
        private @Nullable Path chain;

        @Option(
                names = {"-o", "--signature"},
                paramLabel = "model.sig",
                description = "where the signature goes (default: model.sig in the folder)")
        private @Nullable Path target;

        @Option(
                names = "--ml-dsa-key",
                paramLabel = "K2",
                description = "private key of ML-DSA-65, PEM: sign the same bytes a second time")
        private @Nullable Path secondKey;

        @Option(
                names = "--ml-dsa-public-key",
                paramLabel = "PUB2",
                description = "the public key of --ml-dsa-key, PEM")
        private @Nullable Path secondPublicKey;

        @Override
        public Integer call() throws IOException {
            if ((secondKey == null) != (secondPublicKey == null)) {
                throw Stop.usage("--ml-dsa-key and --ml-dsa-public-key go together");
            }
            Path signature = target != null ? target : defaultSignature(model);
            byte[] bundle =
                    OmsSigner.sign(
                            model,
                            Pem.privateKey(key),
                            Optional.ofNullable(chain).map(Pem::certificates));
            ObjectNode done = Remote.object();
            done.put("signature", signature.toString());
            if (secondKey != null && secondPublicKey != null) {
                byte[] second =
                        SecondSignature.sign(
                                bundle,
                                atlas.registry.oms.Pem.secondPrivateKey(
                                        Files.readString(secondKey)),
                                atlas.registry.oms.Pem.secondPublicKey(
                                        Files.readString(secondPublicKey)));
                Path beside = signature.resolveSibling(SecondSignature.FILE);
                Files.write(beside, second);
                done.put("second_signature", beside.toString());
            }
            Files.write(signature, bundle);
            terminal().object(done);
            return Main.YES;
        }
    }

    @Command(
            name = "verify",
            description = "Check a signed model against whom you trust. Works offline.",
            footer =
                    "%nExample:%n  atlas model verify ./my-model --signature ./my-model/model.sig"
                            + " --public-key pub.pem")
    static final class Verify extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "DIR-OR-FILE", description = "the model")
        private Path model = Path.of("");

        @Option(
                names = "--signature",
                paramLabel = "model.sig",
                description = "the signature (default: model.sig in the folder)")
        private @Nullable Path signature;

        @Option(names = "--public-key", paramLabel = "PUB", description = "the signer's key, PEM")
        private @Nullable Path publicKey;

        @Option(names = "--ca", paramLabel = "CA", description = "the signer's authority, PEM")
        private @Nullable Path authority;

        @Option(
                names = "--identity",
                paramLabel = "ID",
                description = "the keyless signer: an e-mail address or the URI of a workflow")
        private @Nullable String identity;

        @Option(
                names = "--issuer",
                paramLabel = "URL",
                description = "who told the keyless signer's identity")
        private @Nullable String issuer;

        @Option(
                names = "--trusted-root",
                paramLabel = "F",
                description =
                        "trusted_root.json that keyless and logged signatures are checked against"
                                + " (default: that of the public Sigstore instance, as of this"
                                + " release)")
        private @Nullable Path trustedRoot;

        @Option(
                names = "--ml-dsa-public-key",
                paramLabel = "PUB2",
                description = "require a second signature by this key of ML-DSA-65, PEM")
        private @Nullable Path secondPublicKey;

        @Option(
                names = "--ml-dsa-signature",
                paramLabel = "F2",
                description =
                        "the second signature (default: model.ml-dsa-65.sig beside the first)")
        private @Nullable Path secondSignature;

        @Override
        public Integer call() throws IOException {
            Path bundle = signature != null ? signature : defaultSignature(model);
            try {
                Optional<TrustPolicy> policy = policy();
                byte[] bytes = read(bundle, "the signature");
                Optional<String> problem = secondProblem(bundle, bytes);
                if (problem.isPresent()) {
                    return report(new NotVerified(problem.get()));
                }
                return report(
                        policy.isPresent()
                                ? OmsVerifier.verify(model, bytes, policy.get())
                                : new NotVerified(
                                        publicKey
                                                + " is not a key on P-256, P-384 or P-521; models"
                                                + " are signed with those"));
            } catch (OmsException e) {
                return report(new NotVerified(String.valueOf(e.getMessage())));
            }
        }

        // A second signature that is not there is a downgrade, not something unread.
        private Optional<String> secondProblem(Path first, byte[] bundle) throws IOException {
            if (secondPublicKey == null) {
                if (secondSignature != null) {
                    throw Stop.usage("--ml-dsa-signature needs --ml-dsa-public-key");
                }
                return Optional.empty();
            }
            Path second =
                    secondSignature != null
                            ? secondSignature
                            : first.resolveSibling(SecondSignature.FILE);
            if (!Files.exists(second)) {
                return Optional.of("the second signature is missing: there is no " + second);
            }
            return SecondSignature.problem(
                    bundle,
                    read(second, "the second signature"),
                    atlas.registry.oms.Pem.secondPublicKey(Files.readString(secondPublicKey)));
        }

        private static byte[] read(Path file, String what) {
            try {
                return Files.readAllBytes(file);
            } catch (IOException e) {
                throw Stop.unknown("cannot read " + what + " " + file + ": " + e.getMessage());
            }
        }

        // Empty when the key is of a kind that signs no models.
        private Optional<TrustPolicy> policy() {
            Path key = publicKey;
            Path root = authority;
            if ((key != null ? 1 : 0) + (root != null ? 1 : 0) + (identity != null ? 1 : 0) != 1) {
                throw Stop.usage(
                        "give exactly one of --public-key, --ca and --identity: trust is yours to"
                                + " name");
            }
            if ((identity == null) != (issuer == null)) {
                throw Stop.usage("--identity and --issuer go together: a name alone is nobody");
            }
            Clock clock = Clock.systemUTC();
            Optional<TrustPolicy> policy = Optional.empty();
            if (key != null) {
                String name = String.valueOf(key.getFileName());
                policy = Pem.ecPublicKey(key).map(ec -> TrustPolicy.key(name, ec, clock));
            } else if (root != null) {
                String name = String.valueOf(root.getFileName());
                policy =
                        Optional.of(
                                TrustPolicy.authority(
                                        name, Pem.certificates(root).getFirst(), clock));
            } else if (identity != null && issuer != null) {
                policy = Optional.of(TrustPolicy.identity(keyless(identity, issuer), clock));
            }
            return trustedRoot == null ? policy : policy.map(p -> p.checkedAgainst(sigstore()));
        }

        private static KeylessIdentity keyless(String identity, String issuer) {
            if (identity.isBlank() || issuer.isBlank()) {
                throw Stop.usage("--identity and --issuer are never empty");
            }
            return new KeylessIdentity(identity, issuer);
        }

        private SigstoreRoot sigstore() {
            Path file = java.util.Objects.requireNonNull(trustedRoot);
            byte[] json = read(file, "the trusted root");
            try {
                return SigstoreRoot.parse(json);
            } catch (OmsException e) {
                throw new OmsException(file + ": " + e.getMessage(), e);
            }
        }

        private int report(OmsVerification outcome) {
            ObjectNode report = Remote.object();
            int status =
                    switch (outcome) {
                        case Verified v -> {
                            report.put("verified", true);
                            report.put("root_digest", v.rootDigest().hex());
                            report.put("signer", v.signer());
                            report.put("files", v.resources().size());
                            yield Main.YES;
                        }
                        case NotVerified n -> {
                            report.put("verified", false);
                            report.put("reason", n.reason());
                            yield Main.NO;
                        }
                        case Unreadable u -> {
                            report.putNull("verified");
                            report.put("reason", u.why());
                            yield Main.UNKNOWN;
                        }
                    };
            terminal().object(report);
            return status;
        }
    }

    @Command(
            name = "scan",
            description = "Look into model files without loading them. Works offline.",
            footer = "%nExample:%n  atlas model scan ./my-model --output json")
    static final class Scan extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "PATH", description = "a file or a folder")
        private Path path = Path.of("");

        @Override
        public Integer call() {
            if (!Files.exists(path)) {
                throw Stop.unknown("there is no " + path);
            }
            ScanReport report = ModelScanner.scan(path);
            if (terminal().json()) {
                terminal().print(json(report).toString());
            } else {
                text(report);
            }
            return report.verdict() == ScanReport.Verdict.ALLOW ? Main.YES : Main.NO;
        }

        private static ObjectNode json(ScanReport report) {
            ObjectNode all = Remote.object();
            all.put("verdict", word(report.verdict()));
            ArrayNode files = all.putArray("files");
            for (ScanReport.FileReport file : report.files()) {
                ObjectNode entry = files.addObject();
                entry.put("name", file.name());
                entry.put("format", file.format());
                entry.put("verdict", word(file.verdict()));
                ArrayNode findings = entry.putArray("findings");
                for (ScanReport.Finding finding : file.findings()) {
                    findings.addObject()
                            .put("what", finding.what())
                            .put("offset", finding.offset());
                }
                ObjectNode about = entry.putObject("about");
                file.about().forEach(about::put);
            }
            return all;
        }

        private void text(ScanReport report) {
            for (ScanReport.FileReport file : report.files()) {
                terminal()
                        .print(
                                Terminal.safe(
                                        word(file.verdict())
                                                + "  "
                                                + file.format()
                                                + "  "
                                                + file.name()));
                for (ScanReport.Finding finding : file.findings()) {
                    terminal()
                            .print(
                                    Terminal.safe(
                                            "    at byte "
                                                    + finding.offset()
                                                    + ": "
                                                    + finding.what()));
                }
            }
        }

        private static String word(ScanReport.Verdict verdict) {
            return verdict.name().toLowerCase(Locale.ROOT);
        }
    }

    private static Path defaultSignature(Path model) {
        return Files.isDirectory(model)
                ? model.resolve("model.sig")
                : model.resolveSibling(model.getFileName() + ".sig");
    }
}
