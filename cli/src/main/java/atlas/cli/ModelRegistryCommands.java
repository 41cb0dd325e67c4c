package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.core.ModelRef;
import atlas.core.Role;
import atlas.registry.oms.OmsSigner;
import atlas.registry.oms.SecondSignature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Models in the registry of a running Atlas. */
final class ModelRegistryCommands {
    private ModelRegistryCommands() {}

    @Command(
            name = "push",
            description = "Upload a signed model folder as a new version.",
            footer = "%nExample:%n  atlas model push ./my-model --name my-model --key signer.pem")
    static final class Push extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "DIR", description = "the folder, with model.sig")
        private Path folder = Path.of("");

        @Option(names = "--name", required = true, paramLabel = "N", description = "its name")
        private String name = "";

        @Option(
                names = "--signature",
                paramLabel = "model.sig",
                description = "the signature (default: model.sig in the folder)")
        private @Nullable Path signature;

        @Option(
                names = "--key",
                paramLabel = "K",
                description = "sign the folder with this private key first")
        private @Nullable Path key;

        @Override
        public Integer call() throws IOException {
            Path bundle = signature != null ? signature : folder.resolve("model.sig");
            Path second = bundle.resolveSibling(SecondSignature.FILE);
            if (key != null) {
                Files.write(bundle, OmsSigner.sign(folder, Pem.privateKey(key), Optional.empty()));
            }
            if (!Files.isDirectory(folder)) {
                throw Stop.usage("`" + folder + "` is not a folder");
            }
            if (!Files.exists(bundle)) {
                throw Stop.usage(
                        "no signature at "
                                + bundle
                                + "; make one with `atlas model sign "
                                + folder
                                + " --key K`");
            }
            Remote control = Remote.control(shared(), Role.MODEL_ADMIN);
            JsonNode upload =
                    control.post(
                            "/api/v1/models/" + Remote.segment(name) + "/versions",
                            Remote.object());
            String at =
                    "/api/v1/models/"
                            + Remote.segment(name)
                            + "/uploads/"
                            + Remote.segment(upload.path("upload").asText());
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file :
                        files.filter(Files::isRegularFile)
                                .filter(f -> !f.equals(bundle) && !f.equals(second))
                                .sorted()
                                .toList()) {
                    send(control, at, file, upload.path("max_chunk_bytes").asInt(1 << 20));
                }
            }
            ObjectNode commit = Remote.object();
            commit.put("signature", Base64.getEncoder().encodeToString(Files.readAllBytes(bundle)));
            if (Files.exists(second)) {
                commit.put(
                        "second_signature",
                        Base64.getEncoder().encodeToString(Files.readAllBytes(second)));
            }
            terminal().object(control.post(at + "/commit", commit));
            return Main.YES;
        }

        private void send(Remote control, String upload, Path file, int chunkBytes)
                throws IOException {
            StringBuilder path = new StringBuilder(upload).append("/files");
            for (Path segment : folder.relativize(file)) {
                path.append('/').append(Remote.segment(segment.toString()));
            }
            long total = Files.size(file);
            long offset = 0;
            try (InputStream in = Files.newInputStream(file)) {
                do {
                    byte[] chunk = in.readNBytes(chunkBytes);
                    control.put(path + "?offset=" + offset, BodyPublishers.ofByteArray(chunk));
                    offset += chunk.length;
                    if (total > chunkBytes) {
                        terminal().say(file + "  " + offset * 100 / total + " %");
                    }
                } while (offset < total);
            }
        }
    }

    @Command(name = "list", description = "Models and their versions.")
    static final class List extends AtlasCommand {
        @Override
        public Integer call() {
            JsonNode models =
                    Remote.control(shared(), Role.MODEL_ADMIN)
                            .read("/api/v1/models")
                            .path("models");
            java.util.List<JsonNode> versions = new java.util.ArrayList<>();
            for (JsonNode model : models) {
                if (model.has("versions")) {
                    model.path("versions").forEach(versions::add);
                } else {
                    versions.add(model);
                }
            }
            terminal()
                    .rows(
                            versions,
                            java.util.List.of(
                                    Column.field("MODEL", "model"),
                                    Column.field("STATE", "state"),
                                    Column.field("SIGNER", "signer"),
                                    Column.field("BYTES", "bytes"),
                                    Column.field("ROOT DIGEST", "root_digest")));
            return Main.YES;
        }
    }

    @Command(name = "show", description = "One model, or one version of it.")
    static final class Show extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "N[@V]", description = "the model")
        private String model = "";

        @Override
        public Integer call() {
            Remote control = Remote.control(shared(), Role.MODEL_ADMIN);
            String path =
                    model.contains("@")
                            ? versionPath(model)
                            : "/api/v1/models/" + Remote.segment(model);
            terminal().object(control.read(path));
            return Main.YES;
        }
    }

    /** A command on one version. */
    abstract static class OnVersion extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "N@V", description = "the version")
        String version = "";

        final ModelRef ref() {
            try {
                return ModelRef.parse(version);
            } catch (IllegalArgumentException e) {
                throw Stop.usage(String.valueOf(e.getMessage()));
            }
        }
    }

    @Command(name = "approve", description = "Approve a version somebody else pushed.")
    static final class Approve extends OnVersion {
        @Override
        public Integer call() {
            terminal()
                    .object(
                            Remote.control(shared(), Role.MODEL_ADMIN)
                                    .put(
                                            "/api/v1/approvals/"
                                                    + ref().name()
                                                    + "/"
                                                    + ref().version(),
                                            BodyPublishers.noBody()));
            return Main.YES;
        }
    }

    @Command(name = "deploy", description = "Let a version serve, in place of the one that does.")
    static final class Deploy extends OnVersion {
        @Override
        public Integer call() {
            terminal()
                    .object(
                            Remote.control(shared(), Role.OPERATOR)
                                    .put(
                                            "/api/v1/deployments/"
                                                    + ref().name()
                                                    + "/"
                                                    + ref().version(),
                                            BodyPublishers.noBody()));
            return Main.YES;
        }
    }

    @Command(name = "rollback", description = "Let the version before serve again.")
    static final class Rollback extends AtlasCommand {
        @Parameters(index = "0", paramLabel = "N", description = "the model")
        private String name = "";

        @Override
        public Integer call() {
            terminal()
                    .object(
                            Remote.control(shared(), Role.OPERATOR)
                                    .post(
                                            "/api/v1/deployments/"
                                                    + Remote.segment(name)
                                                    + "/rollback",
                                            Remote.object()));
            return Main.YES;
        }
    }

    @Command(name = "retire", description = "Never serve a version again.")
    static final class Retire extends OnVersion {
        @Override
        public Integer call() {
            confirm("A retired version never serves again.");
            terminal()
                    .object(
                            Remote.control(shared(), Role.MODEL_ADMIN)
                                    .post(versionPath(version) + "/retire", Remote.object()));
            return Main.YES;
        }
    }

    @Command(
            name = "bom",
            description = "The bill of materials of a version: CycloneDX 1.6, JSON.",
            footer = "%nExample:%n  atlas model bom my-model@1 -o my-model.cdx.json")
    static final class Bom extends OnVersion {
        @Option(names = "-o", paramLabel = "F", description = "where it goes (default: printed)")
        private @Nullable Path target;

        @Override
        public Integer call() throws IOException {
            ref();
            String bom =
                    Remote.control(shared(), Role.MODEL_ADMIN)
                            .read(versionPath(version) + "/bom")
                            .toString();
            if (target == null) {
                terminal().print(bom);
            } else {
                Files.writeString(target, bom + "\n");
                ObjectNode done = Remote.object();
                done.put("bom", target.toString());
                terminal().object(done);
            }
            return Main.YES;
        }
    }

    private static String versionPath(String text) {
        try {
            ModelRef ref = ModelRef.parse(text);
            return "/api/v1/models/" + ref.name() + "/versions/" + ref.version();
        } catch (IllegalArgumentException e) {
            throw Stop.usage(String.valueOf(e.getMessage()));
        }
    }
}
