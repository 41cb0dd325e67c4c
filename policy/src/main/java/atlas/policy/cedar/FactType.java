package atlas.policy.cedar;

import com.cedarpolicy.value.CedarList;
import com.cedarpolicy.value.DateTime;
import com.cedarpolicy.value.Decimal;
import com.cedarpolicy.value.IpAddress;
import com.cedarpolicy.value.PrimBool;
import com.cedarpolicy.value.PrimLong;
import com.cedarpolicy.value.PrimString;
import com.cedarpolicy.value.Value;
import java.util.ArrayList;
import java.util.List;

/** The types of facts: what a schema calls them, and how a value is handed to the engine. */
enum FactType {
    STRING("String"),
    LONG("Long"),
    BOOL("Bool"),
    STRINGS("Set<String>"),
    ADDRESS("ipaddr"),
    TIME("datetime"),
    DECIMAL("decimal");

    private final String cedarName;

    FactType(String cedarName) {
        this.cedarName = cedarName;
    }

    String cedarName() {
        return cedarName;
    }

    /** The engine's value; an address, a time and a decimal are texts here. */
    Value toCedar(Object value) {
        return switch (this) {
            case STRING -> new PrimString((String) value);
            case LONG -> new PrimLong((Long) value);
            case BOOL -> new PrimBool((Boolean) value);
            case STRINGS -> {
                List<Value> values = new ArrayList<>();
                for (Object one : (List<?>) value) {
                    values.add(new PrimString((String) one));
                }
                yield new CedarList(values);
            }
            case ADDRESS -> new IpAddress((String) value);
            case TIME -> new DateTime((String) value);
            case DECIMAL -> new Decimal((String) value);
        };
    }
}
