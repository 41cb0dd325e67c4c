package atlas.guard.output;

import atlas.guard.output.Numbers.Number;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Licences, passports, register entries, plates and wallets that have a form of their own. */
final class Documents {
    private static final String[] PLATE = {
        "plate", "kennzeichen", "plaka", "registration", "vehicle", "immatriculation", "matrícula"
    };

    private Documents() {}

    static Optional<String> type(Number number) {
        String raw = number.raw();
        String type = form(number, raw);
        if (type == null
                && number.bare().length() <= 10
                && !number.digitsOnly()
                && number.near(PLATE)) {
            type = "LICENSE_PLATE";
        }
        return Optional.ofNullable(type);
    }

    private static @Nullable String form(Number number, String raw) {
        String bare = number.bare();
        boolean capitals = raw.equals(bare);
        return switch (Identities.shape(raw)) {
            case "AAddddddddA", "AAddddddddd" -> capitals ? "DE_FUEHRERSCHEIN" : null;
            case "AAAAAddddddAAdAA", "AAAAdddddddAAdAA" -> "UK_DRIVING_LICENCE";
            case "AAdddddddA" -> capitals ? "IT_DRIVER_LICENSE" : null;
            case "AAAddddddd" -> "IN_VOTER";
            case "AdddAdddd" -> "MSRODG".indexOf(bare.charAt(0)) >= 0 ? "KR_PASSPORT" : null;
            case "AdddAddAd", "AAddddAdd", "AddAddAdd", "Adddddddd", "AdddddddA" ->
                    machineReadable(bare) ? "DE_PASSPORT" : null;
            case "dddddddddA" -> bare.startsWith("19") || bare.startsWith("20") ? "SG_UEN" : null;
            case "AddAAddddA" -> "TSR".indexOf(bare.charAt(0)) >= 0 ? "SG_UEN" : null;
            case "Ad-dAA", "Add-dAA", "AAd-dAA", "AAdd-dAA", "AdA-dAA", "AAdA-dAA" ->
                    raw.indexOf(' ') > 0 && raw.equals(raw.toUpperCase(java.util.Locale.ROOT))
                            ? "UK_POSTCODE"
                            : null;
            default ->
                    register(raw, bare)
                            ? "DE_HANDELSREGISTER"
                            : wallet(raw) ? "CRYPTO_WALLET" : null;
        };
    }

    private static boolean register(String raw, String bare) {
        return (bare.startsWith("HRA") || bare.startsWith("HRB"))
                && bare.length() >= 6
                && bare.length() <= 9
                && bare.substring(3).chars().allMatch(c -> Chars.digit((char) c))
                && raw.length() <= bare.length() + 1;
    }

    /** The check digit of machine-readable documents: weights 7, 3, 1, letters from ten. */
    private static boolean machineReadable(String bare) {
        int[] weights = {7, 3, 1};
        int sum = 0;
        for (int i = 0; i < bare.length() - 1; i++) {
            sum += Character.getNumericValue(bare.charAt(i)) * weights[i % 3];
        }
        return sum % 10 == bare.charAt(bare.length() - 1) - '0'
                && "CFGHJKLMNPRTVWXYZ".indexOf(bare.charAt(0)) >= 0;
    }

    private static boolean wallet(String raw) {
        boolean segwit = raw.startsWith("bc1") && raw.length() >= 42 && raw.length() <= 62;
        boolean ether =
                raw.startsWith("0x")
                        && raw.length() == 42
                        && raw.substring(2).chars().allMatch(c -> Chars.hex((char) c));
        return ether || (segwit && raw.chars().allMatch(c -> Chars.alnum((char) c))) || base58(raw);
    }

    private static boolean base58(String raw) {
        if (raw.length() < 26
                || raw.length() > 35
                || (raw.charAt(0) != '1' && raw.charAt(0) != '3')) {
            return false;
        }
        boolean lower = false;
        boolean upper = false;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (!Chars.alnum(c) || c == '0' || c == 'O' || c == 'I' || c == 'l') {
                return false;
            }
            lower |= c >= 'a';
            upper |= Chars.upper(c);
        }
        return lower && upper;
    }
}
