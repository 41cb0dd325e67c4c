package atlas.guard.output;

import atlas.guard.output.Numbers.Number;
import java.util.Map;
import java.util.Optional;

/** Payment cards and bank accounts. */
final class Accounts {
    private static final Map<String, Integer> IBAN =
            Map.ofEntries(
                    Map.entry("AD", 24),
                    Map.entry("AE", 23),
                    Map.entry("AT", 20),
                    Map.entry("AZ", 28),
                    Map.entry("BA", 20),
                    Map.entry("BE", 16),
                    Map.entry("BG", 22),
                    Map.entry("BH", 22),
                    Map.entry("BR", 29),
                    Map.entry("CH", 21),
                    Map.entry("CR", 22),
                    Map.entry("CY", 28),
                    Map.entry("CZ", 24),
                    Map.entry("DE", 22),
                    Map.entry("DK", 18),
                    Map.entry("DO", 28),
                    Map.entry("EE", 20),
                    Map.entry("EG", 29),
                    Map.entry("ES", 24),
                    Map.entry("FI", 18),
                    Map.entry("FO", 18),
                    Map.entry("FR", 27),
                    Map.entry("GB", 22),
                    Map.entry("GE", 22),
                    Map.entry("GI", 23),
                    Map.entry("GL", 18),
                    Map.entry("GR", 27),
                    Map.entry("GT", 28),
                    Map.entry("HR", 21),
                    Map.entry("HU", 28),
                    Map.entry("IE", 22),
                    Map.entry("IL", 23),
                    Map.entry("IS", 26),
                    Map.entry("IT", 27),
                    Map.entry("JO", 30),
                    Map.entry("KW", 30),
                    Map.entry("KZ", 20),
                    Map.entry("LB", 28),
                    Map.entry("LI", 21),
                    Map.entry("LT", 20),
                    Map.entry("LU", 20),
                    Map.entry("LV", 21),
                    Map.entry("MC", 27),
                    Map.entry("MD", 24),
                    Map.entry("ME", 22),
                    Map.entry("MK", 19),
                    Map.entry("MR", 27),
                    Map.entry("MT", 31),
                    Map.entry("MU", 30),
                    Map.entry("NL", 18),
                    Map.entry("NO", 15),
                    Map.entry("PK", 24),
                    Map.entry("PL", 28),
                    Map.entry("PS", 29),
                    Map.entry("PT", 25),
                    Map.entry("QA", 29),
                    Map.entry("RO", 24),
                    Map.entry("RS", 22),
                    Map.entry("SA", 24),
                    Map.entry("SE", 24),
                    Map.entry("SI", 19),
                    Map.entry("SK", 24),
                    Map.entry("SM", 27),
                    Map.entry("TN", 24),
                    Map.entry("TR", 26),
                    Map.entry("UA", 29),
                    Map.entry("VG", 24),
                    Map.entry("XK", 20));

    private Accounts() {}

    static Optional<String> type(Number number) {
        if (card(number)) {
            return Optional.of("CREDIT_CARD");
        }
        if (iban(number.bare())) {
            return Optional.of("IBAN");
        }
        boolean account =
                number.digitsOnly()
                        && number.length() >= 6
                        && number.length() <= 17
                        && number.near(
                                "account number",
                                "account no",
                                "acct",
                                "bank account",
                                "kontonummer");
        return account ? Optional.of("BANK_ACCOUNT") : Optional.empty();
    }

    private static boolean card(Number number) {
        String digits = number.bare();
        if (!number.digitsOnly()
                || digits.length() < 12
                || digits.length() > 19
                || !printed(number.raw())) {
            return false;
        }
        boolean named =
                number.near("card", "visa", "mastercard", "amex", "carte", "karte", "tarjeta");
        if (digits.length() == 12 && !named) {
            return false;
        }
        char first = digits.charAt(0);
        boolean issuer =
                first == '4'
                        || digits.startsWith("34")
                        || digits.startsWith("37")
                        || digits.startsWith("30")
                        || digits.startsWith("35")
                        || digits.startsWith("36")
                        || digits.startsWith("38")
                        || (first == '5' && digits.charAt(1) != '9')
                        || digits.startsWith("6")
                        || digits.startsWith("2131")
                        || digits.startsWith("1800")
                        || (digits.startsWith("2")
                                && digits.charAt(1) >= '2'
                                && digits.charAt(1) <= '7'
                                && digits.length() == 16);
        return issuer && CheckDigits.luhn(digits) && (named || digits.length() >= 13);
    }

    /**
     * Whether digits stand as on cards: without gaps, in fours, or as American Express has them.
     */
    private static boolean printed(String raw) {
        StringBuilder groups = new StringBuilder();
        int run = 0;
        for (int i = 0; i <= raw.length(); i++) {
            char c = i < raw.length() ? raw.charAt(i) : ' ';
            if (Chars.digit(c)) {
                run++;
            } else if (c == ' ' || c == '-') {
                groups.append(run).append(' ');
                run = 0;
            } else {
                return false;
            }
        }
        return switch (groups.toString().strip()) {
            case "12",
                    "13",
                    "14",
                    "15",
                    "16",
                    "19",
                    "4 4 4 4",
                    "4 6 5",
                    "4 6 4",
                    "4 4 4 4 3",
                    "4 4 4 1" ->
                    true;
            default -> false;
        };
    }

    private static boolean iban(String bare) {
        if (bare.length() < 15 || !Chars.letter(bare.charAt(0)) || !Chars.letter(bare.charAt(1))) {
            return false;
        }
        Integer length = IBAN.get(bare.substring(0, 2));
        return length != null
                && length == bare.length()
                && CheckDigits.mod97(bare.substring(4) + bare.substring(0, 4)) == 1;
    }
}
