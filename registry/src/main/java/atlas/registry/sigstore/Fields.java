package atlas.registry.sigstore;

import atlas.registry.json.StrictJson;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** An object of protobuf's JSON mapping: every field has one type, null is absent. */
record Fields(JsonNode node, String what) {

    static Fields parse(byte[] json, String what) throws Unproven {
        try {
            return of(StrictJson.parse(json), what);
        } catch (StrictJson.NotJson e) {
            throw new Unproven(what + " is not strict JSON: " + e.getMessage());
        }
    }

    private static Fields of(JsonNode node, String what) throws Unproven {
        if (!node.isObject()) {
            throw new Unproven("`" + what + "` is missing or not an object");
        }
        return new Fields(node, what);
    }

    /** Refuses names that do not belong here: a reader that knows them reads something else. */
    Fields only(String... names) throws Unproven {
        Set<String> known = Set.copyOf(Arrays.asList(names));
        for (Iterator<String> it = node.fieldNames(); it.hasNext(); ) {
            if (!known.contains(it.next())) {
                throw new Unproven("`" + what + "` has a field that does not belong there");
            }
        }
        return this;
    }

    boolean has(String name) {
        return !node.path(name).isMissingNode() && !node.path(name).isNull();
    }

    Fields object(String name) throws Unproven {
        return of(node.path(name), name);
    }

    /** A list of objects; absent is empty. */
    List<Fields> objects(String name, int most) throws Unproven {
        List<Fields> objects = new ArrayList<>();
        if (has(name)) {
            JsonNode list = node.path(name);
            if (!list.isArray() || list.size() > most) {
                throw new Unproven("`" + name + "` is not a list, or has more than " + most);
            }
            for (JsonNode element : list) {
                objects.add(of(element, name));
            }
        }
        return objects;
    }

    String text(String name) throws Unproven {
        if (!node.path(name).isTextual()) {
            throw new Unproven("`" + name + "` is missing or not text");
        }
        return node.path(name).textValue();
    }

    /** Standard base64 in its one canonical spelling. */
    byte[] base64(String name) throws Unproven {
        return base64(text(name), name);
    }

    static byte[] base64(String value, String name) throws Unproven {
        try {
            byte[] bytes = Base64.getDecoder().decode(value);
            if (Base64.getEncoder().encodeToString(bytes).equals(value)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new Unproven("`" + name + "` is not base64");
        }
        throw new Unproven("`" + name + "` is not canonical base64");
    }

    List<byte[]> base64s(String name, int most) throws Unproven {
        JsonNode list = node.path(name);
        if (!list.isMissingNode() && (!list.isArray() || list.size() > most)) {
            throw new Unproven("`" + name + "` is not a list, or has more than " + most);
        }
        List<byte[]> all = new ArrayList<>();
        for (JsonNode element : list) {
            all.add(base64(element.asText(""), name));
        }
        return all;
    }

    byte[] hex(String name) throws Unproven {
        try {
            return HexFormat.of().parseHex(text(name));
        } catch (IllegalArgumentException e) {
            throw new Unproven("`" + name + "` is not hexadecimal");
        }
    }

    /** A number that is not negative, as a JSON number or, as protobuf writes 64 bits, as text. */
    long number(String name) throws Unproven {
        String value = node.path(name).asText("");
        if (!value.matches("0|[1-9][0-9]{0,17}")) {
            throw new Unproven("`" + name + "` is not a number from 0 on");
        }
        return Long.parseLong(value);
    }
}
