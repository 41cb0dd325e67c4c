package atlas.identity.token;

import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.json.Json;
import atlas.identity.revocation.Revocations.Subject;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a token of ours says (RFC 9068 §2.2, and what only we read).
 *
 * @param client who asked for it (RFC 8693 §4.3)
 * @param issued to the second
 * @param epoch of revocation when it was issued
 * @param rests what it was exchanged for, and what that was exchanged for: {@code kind:id}
 * @param sources networks it may be used from; anywhere when empty
 */
record Claims(
        String issuer,
        List<String> audiences,
        String client,
        String id,
        Instant issued,
        Instant expires,
        long epoch,
        Principal holder,
        List<String> rests,
        List<Cidr> sources,
        Binding binding) {
    static final String KEY = "api_key:";

    /** How many exchanges may follow each other. */
    static final int MAX_RESTS = 8;

    Claims {
        audiences = List.copyOf(audiences);
        rests = List.copyOf(rests);
        sources = List.copyOf(sources);
    }

    /** Whose key must be proved (RFC 7800 {@code cnf}). */
    record Binding(Optional<String> certificate, Optional<String> dpop) {
        static final Binding NONE = new Binding(Optional.empty(), Optional.empty());

        String words() {
            if (certificate.isPresent()) {
                return dpop.isPresent() ? "certificate and dpop" : "certificate";
            }
            return dpop.isPresent() ? "dpop" : "nothing";
        }
    }

    byte[] json() {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("iss", issuer);
            out.writeStringField("sub", holder.id());
            texts("aud", audiences, out);
            out.writeStringField("client_id", client);
            out.writeNumberField("iat", issued.getEpochSecond());
            out.writeNumberField("exp", expires.getEpochSecond());
            out.writeStringField("jti", id);
            out.writeStringField("sub_kind", holder.kind().name().toLowerCase(Locale.ROOT));
            out.writeStringField("tenant", holder.tenant());
            texts("roles", holder.roles().stream().sorted().map(Role::wireName).toList(), out);
            texts("models", holder.models().stream().map(Glob::pattern).toList(), out);
            texts("groups", holder.claims().groups().stream().sorted().toList(), out);
            out.writeObjectFieldStart("attributes");
            for (Map.Entry<String, String> one : holder.claims().attributes().entrySet()) {
                out.writeStringField(one.getKey(), one.getValue());
            }
            out.writeEndObject();
            texts("rests_on", rests, out);
            texts("sources", sources.stream().map(Cidr::toString).toList(), out);
            out.writeNumberField("epoch", epoch);
            if (!binding.equals(Binding.NONE)) {
                out.writeObjectFieldStart("cnf");
                if (binding.certificate.isPresent()) {
                    out.writeStringField("x5t#S256", binding.certificate.get());
                }
                if (binding.dpop.isPresent()) {
                    out.writeStringField("jkt", binding.dpop.get());
                }
                out.writeEndObject();
            }
            out.writeEndObject();
        });
    }

    private static void texts(String name, List<String> values, JsonGenerator out)
            throws IOException {
        out.writeArrayFieldStart(name);
        for (String value : values) {
            out.writeString(value);
        }
        out.writeEndArray();
    }

    /** Reads the payload of a token whose signature held. */
    static Claims parse(JsonObject in) throws TokenFault {
        Instant issued = Instant.ofEpochSecond(in.seconds("iat"));
        Instant expires = Instant.ofEpochSecond(in.seconds("exp"));
        String id = in.text("jti");
        List<String> rests = in.texts("rests_on");
        try {
            Optional<String> key =
                    rests.stream()
                            .filter(r -> r.startsWith(KEY))
                            .map(r -> r.substring(KEY.length()))
                            .findFirst();
            Principal holder =
                    new Principal(
                            in.text("sub"),
                            Principal.Kind.valueOf(in.text("sub_kind").toUpperCase(Locale.ROOT)),
                            in.text("tenant"),
                            new HashSet<>(in.texts("roles").stream().map(Role::of).toList()),
                            in.texts("models").stream().map(Glob::new).toList(),
                            new Principal.Claims(
                                    new HashSet<>(in.texts("groups")),
                                    attributes(in.object("attributes"))),
                            new Principal.Credential(
                                    Principal.Credential.Kind.ATLAS_TOKEN,
                                    id,
                                    issued,
                                    expires,
                                    Optional.empty(),
                                    key));
            return new Claims(
                    in.text("iss"),
                    in.texts("aud"),
                    in.text("client_id"),
                    id,
                    issued,
                    expires,
                    in.seconds("epoch"),
                    holder,
                    rests,
                    in.texts("sources").stream().map(Cidr::parse).toList(),
                    binding(in));
        } catch (IllegalArgumentException e) {
            throw new TokenFault("token_malformed");
        }
    }

    private static Map<String, String> attributes(JsonObject in) throws TokenFault {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (String name : in.names()) {
            attributes.put(name, in.text(name));
        }
        return attributes;
    }

    // A confirmation that we do not know cannot be checked, so it cannot be passed over either.
    private static Binding binding(JsonObject in) throws TokenFault {
        if (!in.has("cnf")) {
            return Binding.NONE;
        }
        JsonObject cnf = in.object("cnf");
        for (String name : cnf.names()) {
            if (!name.equals("x5t#S256") && !name.equals("jkt")) {
                throw new TokenFault("token_confirmation");
            }
        }
        Binding binding =
                new Binding(
                        cnf.has("x5t#S256") ? Optional.of(cnf.text("x5t#S256")) : Optional.empty(),
                        cnf.has("jkt") ? Optional.of(cnf.text("jkt")) : Optional.empty());
        if (binding.equals(Binding.NONE)) {
            throw new TokenFault("token_confirmation");
        }
        return binding;
    }

    /** What revocations are asked about. */
    Subject subject() {
        Set<String> tokens = new HashSet<>(Set.of(id));
        Set<String> keys = new HashSet<>();
        for (String rest : rests) {
            String restId = rest.substring(rest.indexOf(':') + 1);
            (rest.startsWith(KEY) ? keys : tokens).add(restId);
        }
        List<String> roles = new ArrayList<>();
        holder.roles().forEach(role -> roles.add(role.wireName()));
        return new Subject(
                holder.tenant(), holder.id(), issued, epoch, tokens, keys, new HashSet<>(roles));
    }
}
