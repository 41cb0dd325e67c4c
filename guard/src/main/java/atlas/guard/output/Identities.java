package atlas.guard.output;

import atlas.guard.output.Numbers.Number;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * National identity, tax, health and passport numbers. A number with a check digit is taken when it
 * fits and is written as such numbers are; a plain row of digits that one check could pass by
 * chance needs a word beside it.
 */
final class Identities {
    private static final String DNI = "TRWAGMYFPDXBNJZSQVHLCKE";
    private static final String FINNISH = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    private static final String[] NAMED = {
        "passport",
        "reisepass",
        "pasaporte",
        "passeport",
        "driver",
        "licence",
        "license",
        "führerschein",
        "national id",
        "identity",
        "id number",
        "id card",
        "tax id",
        "tax number",
        "steuer",
        "ssn",
        "social security",
        "insurance",
        "medicare",
        "itin",
        "nino",
        "nhs",
        "npi",
        "dea",
        "taxpayer",
        "personnummer",
        "voter",
        "aadhaar",
        "pan ",
        "citizen",
        "resident",
        "refugee",
        "travel document",
        "ausweis",
        "krankenkasse",
        "kvnr",
        "arztnummer",
        "orgnummer",
        "tckn",
        "rvnr",
        "brn",
        "mbi",
        "nric",
        "여권",
        "주민",
        "personal identity code",
        "id code",
        "id is",
        "sozialversicherung",
        "betriebsst"
    };

    private Identities() {}

    static Optional<String> type(Number number) {
        String bare = number.bare();
        if (number.digitsOnly()) {
            return digits(number, bare);
        }
        String type = lettered(number, bare);
        if (type != null) {
            return Optional.of(type);
        }
        boolean named = bare.length() >= 7 && bare.length() <= 16 && number.near(NAMED);
        return named && number.raw().indexOf(' ') < 0 ? Optional.of("ID_NUMBER") : Optional.empty();
    }

    private static Optional<String> digits(Number n, String d) {
        if (decimal(n.raw())) {
            return Optional.empty();
        }
        boolean named = n.near(NAMED);
        String type =
                switch (d.length()) {
                    case 9 -> nine(n, d, named);
                    case 10 -> ten(n, d, named);
                    case 11 -> eleven(n, d, named);
                    case 12 -> twelve(n, d, named);
                    case 13 -> thirteen(n, d);
                    case 14 -> brazilianCompany(n, d) ? "BR_CNPJ" : null;
                    case 15 -> french(d) && (named || n.grouped()) ? "FR_NIR" : null;
                    default -> null;
                };
        if (type == null
                && named
                && d.length() >= 7
                && d.length() <= 16
                && n.raw().indexOf('/') < 0) {
            type = "ID_NUMBER";
        }
        return Optional.ofNullable(CalendarShape.date(n.raw()) ? null : type);
    }

    private static boolean decimal(String raw) {
        int dot = raw.indexOf('.');
        return dot > 0
                && raw.indexOf('.', dot + 1) < 0
                && raw.indexOf('-') < 0
                && raw.indexOf(' ') < 0;
    }

    private static @Nullable String nine(Number n, String d, boolean named) {
        String shape = shape(n.raw());
        if (shape.equals("ddd-dd-dddd") && socialSecurity(d)) {
            return d.charAt(0) == '9' ? "US_ITIN" : "US_SSN";
        }
        if (shape.equals("ddd-ddd-ddd") && CheckDigits.luhn(d) && uneven(d)) {
            return "CA_SIN";
        }
        if (shape.equals("ddd-ddd-ddd")
                && CheckDigits.weighted(d, 1, 4, 3, 7, 5, 8, 6, 9, 10) % 11 == 0) {
            return "AU_TFN";
        }
        if (shape.equals("ddd-ddd-ddd") && company(d)) {
            return "AU_ACN";
        }
        boolean routing = CheckDigits.weighted(d, 3, 7, 1, 3, 7, 1, 3, 7, 1) % 10 == 0;
        boolean region = d.charAt(0) <= '3' && uneven(d);
        return routing && region && (n.grouped() || n.near("routing", "aba"))
                ? "ABA_ROUTING_NUMBER"
                : named && CheckDigits.luhn(d) ? "CA_SIN" : null;
    }

    private static boolean company(String d) {
        int rest = CheckDigits.weighted(d, 8, 7, 6, 5, 4, 3, 2, 1) % 10;
        return (10 - rest) % 10 == d.charAt(8) - '0';
    }

    /** Areas, groups and serials that were never given out; 9 begins the numbers of taxpayers. */
    private static boolean socialSecurity(String d) {
        return !d.startsWith("000")
                && !d.startsWith("666")
                && !d.substring(3, 5).equals("00")
                && !d.substring(5).equals("0000")
                && !d.equals("078051120");
    }

    private static @Nullable String ten(Number n, String d, boolean named) {
        String shape = shape(n.raw());
        if ((shape.equals("ddd-ddd-dddd") || named || n.near("nhs")) && health(d)) {
            return "UK_NHS";
        }
        if (shape.equals("ddd-dd-ddddd") && korean(d)) {
            return "KR_BRN";
        }
        if (shape.equals("dddddd-dddd") && CheckDigits.luhn(d)) {
            return CheckDigits.yearMonthDay(d, 0) ? "SE_PERSONNUMMER" : "SE_ORGANISATIONSNUMMER";
        }
        if ((n.near("npi") || shape.equals("dddd-ddd-ddd")) && CheckDigits.luhn("80840" + d)) {
            return "US_NPI";
        }
        boolean medicare =
                d.charAt(0) >= '2'
                        && d.charAt(0) <= '6'
                        && CheckDigits.weighted(d, 1, 3, 7, 9, 1, 3, 7, 9) % 10
                                == d.charAt(8) - '0';
        return medicare && (n.grouped() || named) ? "AU_MEDICARE" : null;
    }

    private static boolean health(String d) {
        int check = 11 - CheckDigits.weighted(d, 10, 9, 8, 7, 6, 5, 4, 3, 2) % 11;
        return check != 10 && check % 11 == d.charAt(9) - '0' && uneven(d);
    }

    private static boolean korean(String d) {
        int sum = CheckDigits.weighted(d, 1, 3, 7, 1, 3, 7, 1, 3, 5) + (d.charAt(8) - '0') * 5 / 10;
        return (10 - sum % 10) % 10 == d.charAt(9) - '0';
    }

    private static @Nullable String eleven(Number n, String d, boolean named) {
        if (turkish(d)) {
            return "TR_NATIONAL_ID";
        }
        if (brazilian(d) && uneven(d)) {
            return "BR_CPF";
        }
        boolean grouped = n.grouped() || named;
        int pesel = CheckDigits.weighted(d, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3);
        int month = Integer.parseInt(d.substring(2, 4)) % 20;
        int day = Integer.parseInt(d.substring(4, 6));
        if ((10 - pesel % 10) % 10 == d.charAt(10) - '0'
                && month >= 1
                && month <= 12
                && day >= 1
                && day <= 31) {
            return "PL_PESEL";
        }
        if (CheckDigits.mod1110(d) && d.charAt(0) != '0' && uneven(d)) {
            return "DE_TAX_ID";
        }
        return grouped && australian(d) ? "AU_ABN" : null;
    }

    /** The business number of Australia: one off the first digit, then divisible by 89. */
    private static boolean australian(String d) {
        int sum = CheckDigits.weighted(d, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19);
        return d.charAt(0) != '0' && (sum - 10) % 89 == 0;
    }

    private static boolean turkish(String d) {
        int odd = 0;
        int even = 0;
        int all = 0;
        for (int i = 0; i < 10; i++) {
            int value = d.charAt(i) - '0';
            all += value;
            if (i < 9 && i % 2 == 0) {
                odd += value;
            } else if (i < 8) {
                even += value;
            }
        }
        return d.charAt(0) != '0'
                && Math.floorMod(odd * 7 - even, 10) == d.charAt(9) - '0'
                && all % 10 == d.charAt(10) - '0';
    }

    private static boolean brazilian(String d) {
        int first = CheckDigits.weighted(d, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10;
        int second = CheckDigits.weighted(d, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10;
        return first == d.charAt(9) - '0' && second == d.charAt(10) - '0';
    }

    private static boolean brazilianCompany(Number n, String d) {
        int first = CheckDigits.weighted(d, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2) % 11;
        int second = CheckDigits.weighted(d, 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2) % 11;
        return n.grouped()
                && (first < 2 ? 0 : 11 - first) == d.charAt(12) - '0'
                && (second < 2 ? 0 : 11 - second) == d.charAt(13) - '0';
    }

    private static boolean french(String d) {
        long number = Long.parseLong(d.substring(0, 13));
        return (d.charAt(0) == '1' || d.charAt(0) == '2')
                && 97 - number % 97 == Long.parseLong(d.substring(13));
    }

    private static @Nullable String twelve(Number n, String d, boolean named) {
        if (d.charAt(0) >= '2' && CheckDigits.verhoeff(d) && uneven(d)) {
            return "IN_AADHAAR";
        }
        boolean century = d.startsWith("19") || d.startsWith("20") || d.startsWith("18");
        if (century && CheckDigits.yearMonthDay(d, 2) && CheckDigits.luhn(d.substring(2))) {
            return "SE_PERSONNUMMER";
        }
        String shape = shape(n.raw());
        int region = Integer.parseInt(d.substring(0, 2));
        if (shape.equals("dd-dd-dddddd-dd") && region >= 11 && region <= 28) {
            return "KR_DRIVER_LICENSE";
        }
        return shape.equals("ddd-ddd-ddd-ddd") && d.startsWith("0")
                ? "PH_TIN"
                : named ? "ID_NUMBER" : null;
    }

    private static @Nullable String thirteen(Number n, String d) {
        boolean southAfrican =
                CheckDigits.yearMonthDay(d, 0) && d.charAt(10) <= '2' && CheckDigits.luhn(d);
        if (southAfrican) {
            return "ZA_ID_NUMBER";
        }
        int thai = CheckDigits.weighted(d, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2);
        boolean clock = d.charAt(0) == '1' && d.charAt(1) >= '6';
        if (d.charAt(0) >= '1'
                && d.charAt(0) <= '8'
                && !clock
                && (11 - thai % 11) % 10 == d.charAt(12) - '0') {
            return "TH_TNIN";
        }
        boolean dashed = shape(n.raw()).equals("dddddd-ddddddd");
        if (CheckDigits.yearMonthDay(d, 0)
                && d.charAt(6) >= '1'
                && d.charAt(6) <= (dashed ? '8' : '4')) {
            return "KR_RRN";
        }
        return d.startsWith("756") && ean(d) && n.grouped() ? "CH_AHV" : null;
    }

    private static boolean ean(String d) {
        return CheckDigits.weighted(d, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1) % 10 == 0;
    }

    private static @Nullable String lettered(Number n, String b) {
        String shape = shape(b);
        return switch (shape) {
            case "ddddddddA", "dddddddA" -> dni(b) ? "ES_NIF" : null;
            case "AdddddddA" ->
                    nie(b) ? "ES_NIE" : "STFGM".indexOf(b.charAt(0)) >= 0 ? "SG_NRIC_FIN" : null;
            case "AAddddddA" -> insured(b) ? "UK_NINO" : null;
            case "AAAAAddddA" ->
                    "PCHABGJLFT".indexOf(b.charAt(3)) >= 0 && n.raw().equals(b) ? "IN_PAN" : null;
            case "AAAAAAddAddAdddA" -> "IT_FISCAL_CODE";
            case "ddAAAAAddddAdAd", "ddAAAAAddddAdAA" ->
                    b.charAt(13) == 'Z' && b.charAt(0) <= '3' ? "IN_GSTIN" : null;
            case "dAAdAAdAAdd", "dAddAAdAAdd", "dAAdAddAAdd", "dAddAddAAdd" -> "US_MBI";
            case "ddddddAdddd", "ddddddAdddA", "dddddddddA" ->
                    finnish(n, b) ? "FI_PERSONAL_IDENTITY_CODE" : null;
            case "ddddddddAddd" -> pension(b) ? "DE_SOCIAL_SECURITY" : null;
            case "Addddddddd" -> insurance(b) ? "DE_HEALTH_INSURANCE" : null;
            case "AAddddddddd" -> b.startsWith("DE") ? "DE_VAT_ID" : null;
            case "AAddddddd" -> dea(b) ? "US_DEA" : null;
            case "AAAddddddddd" -> b.startsWith("CHE") && n.grouped() ? "CH_UID" : null;
            default -> null;
        };
    }

    private static boolean dni(String b) {
        int last = b.length() - 1;
        return DNI.charAt(Integer.parseInt(b.substring(0, last)) % 23) == b.charAt(last);
    }

    private static boolean nie(String b) {
        int first = "XYZ".indexOf(b.charAt(0));
        return first >= 0
                && DNI.charAt(Integer.parseInt(first + b.substring(1, 8)) % 23) == b.charAt(8);
    }

    private static boolean insured(String b) {
        return "DFIQUV".indexOf(b.charAt(0)) < 0
                && "DFIQUVO".indexOf(b.charAt(1)) < 0
                && b.charAt(8) <= 'D'
                && !b.startsWith("BG")
                && !b.startsWith("GB")
                && !b.startsWith("NK")
                && !b.startsWith("KN")
                && !b.startsWith("TN")
                && !b.startsWith("NT")
                && !b.startsWith("ZZ");
    }

    private static boolean finnish(Number n, String b) {
        String raw = n.raw();
        int sign = raw.length() > 6 ? raw.charAt(6) : 0;
        String serial = b.substring(b.length() - 4, b.length() - 1);
        if ("-+ABCDEFUVWXY".indexOf(sign) < 0
                || raw.length() != 11
                || !Chars.digit(serial.charAt(0))
                || !Chars.digit(serial.charAt(1))
                || !Chars.digit(serial.charAt(2))) {
            return false;
        }
        long number = Long.parseLong(b.substring(0, 6) + serial);
        int day = Integer.parseInt(b.substring(0, 2));
        int month = Integer.parseInt(b.substring(2, 4));
        return day >= 1
                && day <= 31
                && month >= 1
                && month <= 12
                && FINNISH.charAt((int) (number % 31)) == b.charAt(b.length() - 1);
    }

    private static boolean pension(String b) {
        int letter = b.charAt(8) - 'A' + 1;
        String digits = b.substring(0, 8) + letter / 10 + letter % 10 + b.substring(9, 11);
        int[] weights = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
        int sum = 0;
        for (int i = 0; i < weights.length; i++) {
            int product = (digits.charAt(i) - '0') * weights[i];
            sum += product / 10 + product % 10;
        }
        return sum % 10 == b.charAt(11) - '0';
    }

    private static boolean insurance(String b) {
        int letter = b.charAt(0) - 'A' + 1;
        String digits = "" + letter / 10 + letter % 10 + b.substring(1, 9);
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int product = (digits.charAt(i) - '0') * (1 + i % 2);
            sum += product > 9 ? product - 9 : product;
        }
        return sum % 10 == b.charAt(9) - '0';
    }

    private static boolean dea(String b) {
        String d = b.substring(2);
        int sum =
                CheckDigits.weighted(d, 1, 0, 1, 0, 1)
                        + 2 * CheckDigits.weighted(d, 0, 1, 0, 1, 0, 1);
        return sum % 10 == d.charAt(6) - '0';
    }

    /** Digits as d, letters as A, anything else as a dash. */
    static String shape(String raw) {
        StringBuilder shape = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            shape.append(Chars.digit(c) ? 'd' : Chars.letter(c) ? 'A' : '-');
        }
        return shape.toString();
    }

    /** Whether not all digits are alike. */
    private static boolean uneven(String d) {
        return d.chars().distinct().count() > 1;
    }
}
