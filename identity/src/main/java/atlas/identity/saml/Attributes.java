package atlas.identity.saml;

import atlas.core.Principal;
import atlas.core.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.w3c.dom.Element;

/** The attributes of an assertion, and what the configuration lets them mean. */
final class Attributes {
    private static final int MOST = 500;
    private static final int LONGEST = 512;

    private final Map<String, List<String>> values = new HashMap<>();

    private Attributes() {}

    static Attributes read(Element assertion) throws SamlException {
        Attributes read = new Attributes();
        int count = 0;
        for (Element statement :
                Reading.children(assertion, Names.ASSERTION, "AttributeStatement")) {
            for (Element attribute : Reading.children(statement, Names.ASSERTION, "Attribute")) {
                List<String> list =
                        read.values.computeIfAbsent(
                                Reading.required(attribute, "Name"), _ -> new ArrayList<>());
                for (Element value :
                        Reading.children(attribute, Names.ASSERTION, "AttributeValue")) {
                    if (++count > MOST) {
                        throw new SamlException("saml_size");
                    }
                    if (Reading.children(value).isEmpty()) {
                        list.add(Reading.text(value));
                    }
                }
            }
        }
        return read;
    }

    private List<String> of(Optional<String> name) {
        return name.map(values::get).orElse(List.of());
    }

    /** The one value of an attribute. */
    Optional<String> single(String name) {
        List<String> found = of(Optional.of(name));
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }

    Set<Role> roles(SamlConfig.Provider provider) {
        Set<Role> roles = new HashSet<>();
        for (String name : of(provider.rolesAttribute())) {
            Role role = provider.roleMapping().get(name);
            if (role != null) {
                roles.add(role);
            }
        }
        return roles;
    }

    /**
     * Groups and attributes as policy sees them. What is too long is refused and not left out: it
     * could be what a policy forbids something to.
     */
    Principal.Claims claims(SamlConfig.Provider provider) throws SamlException {
        Set<String> groups = new HashSet<>();
        for (String group : of(provider.groupsAttribute())) {
            if (!group.isEmpty()) {
                groups.add(bounded(group));
            }
        }
        Map<String, String> attributes = new HashMap<>();
        for (Map.Entry<String, String> each : provider.attributes().entrySet()) {
            // Several values have no one meaning as a single one, so they are none.
            Optional<String> value = single(each.getKey());
            if (value.isPresent()) {
                attributes.put(each.getValue(), bounded(value.get()));
            }
        }
        return new Principal.Claims(groups, attributes);
    }

    private static String bounded(String value) throws SamlException {
        if (value.length() > LONGEST) {
            throw new SamlException("saml_size");
        }
        return value;
    }
}
