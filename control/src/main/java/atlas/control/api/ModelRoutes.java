package atlas.control.api;

import static atlas.control.api.Field.Type.INTEGER;
import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;
import static atlas.control.api.Field.required;

import atlas.control.upload.UploadRefusal;
import atlas.control.upload.Uploads;
import atlas.core.ModelRef;
import atlas.policy.Action;
import atlas.registry.MlBom;
import atlas.registry.ModelRegistry;
import atlas.registry.ModelSigner;
import atlas.registry.ModelVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Models, their versions and approvals, and the upload that makes a new version. */
final class ModelRoutes {
    private static final String VERSION = "/api/v1/models/{name}/versions/{version}";
    private static final String UPLOAD = "/api/v1/models/{name}/uploads/{upload}";

    private final ModelRegistry registry;
    private final Uploads uploads;
    private final NodeDoor node;

    ModelRoutes(ModelRegistry registry, Uploads uploads, NodeDoor node) {
        this.registry = registry;
        this.uploads = uploads;
        this.node = node;
    }

    List<Route> routes() {
        List<Route> routes = new ArrayList<>(reading());
        routes.add(
                Route.act(
                        "POST",
                        "/api/v1/models/{name}/versions",
                        Action.MODEL_PUSH,
                        "model",
                        "begin the upload of a new version",
                        this::begin));
        routes.add(
                new Route(
                        "PUT",
                        UPLOAD + "/files/{path...}",
                        Action.MODEL_PUSH,
                        "model",
                        "add bytes to a file of the upload; they are sealed as they arrive",
                        List.of(
                                required(
                                        "offset",
                                        INTEGER,
                                        "where the bytes go: how many of the file are there")),
                        List.of(),
                        true,
                        (Route.Operation.Reading) this::add));
        routes.add(
                Route.act(
                                "POST",
                                UPLOAD + "/commit",
                                Action.MODEL_PUSH,
                                "model",
                                "verify signature and contents, and keep the version",
                                this::commit)
                        .body(
                                required(
                                        "signature",
                                        STRING,
                                        "the OMS bundle (`model.sig`), in base64"),
                                optional(
                                        "second_signature",
                                        STRING,
                                        "the same signed with ML-DSA-65 (`model.ml-dsa-65.sig`),"
                                                + " in base64, where its signer signs twice")));
        routes.add(
                Route.act(
                        "DELETE",
                        UPLOAD,
                        Action.MODEL_PUSH,
                        "model",
                        "give an upload up",
                        this::abandon));
        routes.add(
                Route.act(
                        "PUT",
                        "/api/v1/approvals/{name}/{version}",
                        Action.MODEL_APPROVE,
                        "model",
                        "approve a version somebody else pushed",
                        this::approve));
        routes.add(
                Route.act(
                        "POST",
                        VERSION + "/retire",
                        Action.MODEL_RETIRE,
                        "model",
                        "never serve a version again",
                        this::retire));
        return routes;
    }

    private List<Route> reading() {
        return List.of(
                Route.read(
                        "/api/v1/models",
                        Action.MODEL_LIST,
                        "model",
                        "every model and how far its versions have come",
                        this::models),
                Route.read(
                        "/api/v1/models/{name}",
                        Action.MODEL_LIST,
                        "model",
                        "one model",
                        call -> Reply.ok(model(versions(call)))),
                Route.read(
                        "/api/v1/models/{name}/versions",
                        Action.MODEL_LIST,
                        "model",
                        "the versions of a model",
                        call ->
                                Reply.ok(
                                        Views.list(
                                                "versions",
                                                versions(call).stream()
                                                        .map(Views::version)
                                                        .toList()))),
                Route.read(
                        VERSION,
                        Action.MODEL_LIST,
                        "model",
                        "one version: digests, signer, files, state",
                        call -> Reply.ok(Views.version(version(call.model())))),
                Route.read(
                        VERSION + "/bom",
                        Action.MODEL_LIST,
                        "model",
                        "the bill of materials of a version, CycloneDX 1.6",
                        call -> Reply.ok(bom(version(call.model())))),
                Route.read(
                        "/api/v1/approvals",
                        Action.MODEL_LIST,
                        "model",
                        "versions that wait for a second pair of eyes",
                        this::waiting));
    }

    private Reply models(Call call) {
        Map<String, List<ModelVersion>> byName = new TreeMap<>();
        for (ModelVersion version : registry.list()) {
            byName.computeIfAbsent(version.ref().name(), _ -> new ArrayList<>()).add(version);
        }
        return Reply.ok(
                Views.list("models", byName.values().stream().map(ModelRoutes::model).toList()));
    }

    private static Map<String, Object> model(List<ModelVersion> versions) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", versions.getFirst().ref().name());
        versions.stream()
                .filter(version -> version.state() == ModelVersion.State.DEPLOYED)
                .findFirst()
                .ifPresent(version -> view.put("deployed", version.ref().version()));
        view.put("versions", versions.stream().map(Views::version).toList());
        return view;
    }

    private List<ModelVersion> versions(Call call) throws Refusal {
        String name = call.variable("name");
        List<ModelVersion> versions =
                registry.list().stream().filter(v -> v.ref().name().equals(name)).toList();
        if (versions.isEmpty()) {
            throw Problems.notFound("there is no model `" + name + "`");
        }
        return versions;
    }

    private ModelVersion version(ModelRef ref) throws Refusal {
        return registry.find(ref)
                .orElseThrow(() -> Problems.notFound("there is no model `" + ref + "`"));
    }

    private static Views.RawJson bom(ModelVersion version) {
        return new Views.RawJson(new String(MlBom.of(version), StandardCharsets.UTF_8));
    }

    private Reply waiting(Call call) {
        return Reply.ok(
                Views.list(
                        "waiting",
                        registry.list().stream()
                                .filter(v -> v.state() == ModelVersion.State.PUSHED)
                                .map(Views::version)
                                .toList()));
    }

    private Act begin(Call call) throws Refusal {
        String name = call.variable("name");
        if (!ModelRef.isName(name)) {
            throw Problems.invalid("a model name has lower-case letters, digits, `.`, `_` and `-`");
        }
        return new Act(
                "model:" + name,
                Map.of(),
                Map.of("upload", "begun"),
                () -> {
                    Uploads.Upload upload = refusable(() -> uploads.begin(name, owner(call)));
                    Map<String, Object> view = new LinkedHashMap<>();
                    view.put("upload", upload.id());
                    view.put("max_chunk_bytes", uploads.maxChunkBytes());
                    view.put("expires", uploads.expires(upload).toString());
                    return new Act.Done(Reply.created(view), Map.of("upload", upload.id()));
                });
    }

    // Not journaled chunk by chunk: nothing exists until the commit, which is.
    private Reply add(Call call) throws Exception {
        long offset = call.input().integer("offset", -1);
        long length =
                refusable(() ->
                        uploads.add(
                                upload(call),
                                call.variable("path"),
                                offset,
                                call.exchange().body()));
        return Reply.ok(Map.of("length", length));
    }

    private Act commit(Call call) throws Exception {
        Uploads.Upload upload = refusable(() -> upload(call));
        ModelSigner.Signature signature;
        try {
            signature =
                    new ModelSigner.Signature(
                            Base64.getDecoder().decode(call.input().text("signature")),
                            call.input()
                                    .optionalText("second_signature")
                                    .map(Base64.getDecoder()::decode));
        } catch (IllegalArgumentException e) {
            throw Problems.invalid("a signature is not base64");
        }
        Map<String, Object> after = new LinkedHashMap<>();
        after.put("upload", upload.id());
        after.put("files", upload.files().size());
        after.put("bytes", upload.bytes());
        return new Act(
                "model:" + upload.name(),
                Map.of(),
                after,
                () -> {
                    try {
                        ModelVersion version =
                                registry.push(
                                        uploads.sealed(upload),
                                        upload.name(),
                                        signature,
                                        call.actor(),
                                        _ -> {});
                        return new Act.Done(
                                Reply.created(Views.version(version)),
                                Map.of(
                                        "model", version.ref().toString(),
                                        "root_digest", version.rootDigest().hex(),
                                        "signer", version.signer()));
                    } finally {
                        uploads.end(upload);
                    }
                });
    }

    private Act abandon(Call call) throws Exception {
        Uploads.Upload upload = refusable(() -> upload(call));
        return new Act(
                "model:" + upload.name(),
                Map.of("upload", upload.id()),
                Map.of("upload", "given up"),
                () -> {
                    uploads.end(upload);
                    return Act.Done.with(Reply.ok(Map.of("ended", upload.id())));
                });
    }

    private Act approve(Call call) throws Refusal {
        ModelVersion version = version(call.model());
        return new Act(
                "model:" + version.ref(),
                state(version),
                Map.of("state", "approved"),
                () ->
                        Act.Done.with(
                                Reply.ok(
                                        Views.version(
                                                registry.approve(version.ref(), call.actor())))));
    }

    private Act retire(Call call) throws Refusal {
        ModelVersion version = version(call.model());
        return new Act(
                "model:" + version.ref(),
                state(version),
                Map.of("state", "retired"),
                () -> {
                    ModelVersion retired = registry.retire(version.ref(), call.actor());
                    // It serves nobody any more; where it still lies in memory it is wiped.
                    if (version.state() == ModelVersion.State.DEPLOYED) {
                        node.unload(version.ref());
                    }
                    return Act.Done.with(Reply.ok(Views.version(retired)));
                });
    }

    static Map<String, Object> state(ModelVersion version) {
        return Map.of(
                "state", version.state().name().toLowerCase(java.util.Locale.ROOT),
                "root_digest", version.rootDigest().hex());
    }

    private Uploads.Upload upload(Call call) throws UploadRefusal {
        return uploads.find(call.variable("upload"), call.variable("name"), owner(call));
    }

    private static String owner(Call call) {
        return call.caller().tenant() + "\n" + call.caller().id();
    }

    private interface Uploading<T> {
        T run() throws UploadRefusal;
    }

    private static <T> T refusable(Uploading<T> uploading) throws Refusal {
        try {
            return uploading.run();
        } catch (UploadRefusal refusal) {
            String message = String.valueOf(refusal.getMessage());
            throw switch (refusal.why()) {
                case UNKNOWN -> Problems.notFound(message);
                case INVALID -> Problems.invalid(message);
                case CONFLICT -> Problems.conflict(message);
                case QUOTA -> Problems.tooLarge(message);
                case BUSY -> Problems.busy(message);
            };
        }
    }
}
