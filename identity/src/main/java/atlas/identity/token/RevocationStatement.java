package atlas.identity.token;

import atlas.core.json.Json;
import atlas.identity.revocation.Revocations;
import atlas.identity.revocation.Revocations.Revocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an authority says is revoked at one moment: everything in force, so that one statement is
 * enough. Signed as a JWT of the type {@value #TYPE} by the keys that sign tokens.
 *
 * @param at when it was said; what is not in it was not revoked then
 */
record RevocationStatement(String issuer, long epoch, Instant at, List<Revocation> revocations) {
    /** The {@code typ} of its header, so that no token is taken for it. */
    static final String TYPE = "atlas-revocations+jwt";

    RevocationStatement {
        revocations = List.copyOf(revocations);
    }

    /** What the authority knows now. */
    static RevocationStatement of(String issuer, Revocations authority, Instant now) {
        // The epoch first: what comes in between is in the list, and comes again with the next.
        long epoch = authority.epoch();
        return new RevocationStatement(issuer, epoch, now, authority.all());
    }

    byte[] json() {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("iss", issuer);
            out.writeNumberField("epoch", epoch);
            out.writeStringField("at", at.toString());
            out.writeArrayFieldStart("revocations");
            for (Revocation one : revocations) {
                out.writeStartObject();
                out.writeStringField("kind", one.kind().wireName());
                out.writeStringField("tenant", one.tenant());
                out.writeStringField("id", one.id());
                out.writeStringField("since", one.since().toString());
                out.writeStringField("until", one.until().toString());
                out.writeStringField("epoch", Long.toString(one.epoch()));
                out.writeStringField("reason", one.reason());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    /**
     * Reads one whose signature held.
     *
     * @throws IllegalArgumentException when it is anything else
     */
    static RevocationStatement parse(byte[] json) {
        Map<String, String> head = new HashMap<>();
        List<Revocation> revocations = new ArrayList<>();
        try (JsonParser in = Json.factory().createParser(json)) {
            expect(in.nextToken() == JsonToken.START_OBJECT);
            while (in.nextToken() != JsonToken.END_OBJECT) {
                String name = in.currentName();
                JsonToken value = in.nextToken();
                if (value == JsonToken.START_ARRAY) {
                    while (in.nextToken() == JsonToken.START_OBJECT) {
                        revocations.add(revocation(flat(in)));
                    }
                } else {
                    expect(value.isScalarValue());
                    head.put(name, in.getText());
                }
            }
            return new RevocationStatement(
                    text(head, "iss"),
                    Long.parseLong(text(head, "epoch")),
                    Instant.parse(text(head, "at")),
                    revocations);
        } catch (IOException | java.time.DateTimeException e) {
            throw new IllegalArgumentException("not a statement of revocations", e);
        }
    }

    private static Map<String, String> flat(JsonParser in) throws IOException {
        Map<String, String> members = new HashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = in.currentName();
            expect(in.nextToken() == JsonToken.VALUE_STRING);
            members.put(name, in.getText());
        }
        return members;
    }

    private static Revocation revocation(Map<String, String> in) {
        return new Revocation(
                Revocation.Kind.ofWireName(text(in, "kind"))
                        .orElseThrow(() -> new IllegalArgumentException("an unknown kind")),
                text(in, "tenant"),
                text(in, "id"),
                Instant.parse(text(in, "since")),
                Instant.parse(text(in, "until")),
                Long.parseLong(text(in, "epoch")),
                text(in, "reason"));
    }

    private static String text(Map<String, String> members, String name) {
        String value = members.get(name);
        expect(value != null);
        return String.valueOf(value);
    }

    private static void expect(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException("not a statement of revocations");
        }
    }
}
