package atlas.guard.output;

/** The arithmetic by which numbers vouch for themselves. All take digits without separators. */
final class CheckDigits {
    private static final int[][] VERHOEFF_STEP = verhoeffSteps();
    private static final int[][] VERHOEFF_PRODUCT = verhoeffProducts();

    private CheckDigits() {}

    static boolean luhn(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int d = digits.charAt(digits.length() - 1 - i) - '0';
            int twice = d * 2 > 9 ? d * 2 - 9 : d * 2;
            sum += i % 2 == 1 ? twice : d;
        }
        return sum % 10 == 0;
    }

    /** The sum of digits times weights, over as many digits as there are weights. */
    static int weighted(String digits, int... weights) {
        int sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += (digits.charAt(i) - '0') * weights[i];
        }
        return sum;
    }

    /** ISO 7064 MOD 97-10 as IBANs use it: letters count from ten. */
    static int mod97(String text) {
        int rest = 0;
        for (int i = 0; i < text.length(); i++) {
            int value = Character.getNumericValue(text.charAt(i));
            rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
        }
        return rest;
    }

    /** ISO 7064 MOD 11,10, as German tax numbers and Croatian OIBs use it. */
    static boolean mod1110(String digits) {
        int product = 10;
        for (int i = 0; i < digits.length() - 1; i++) {
            int sum = (digits.charAt(i) - '0' + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }
        return (11 - product) % 10 == digits.charAt(digits.length() - 1) - '0';
    }

    static boolean verhoeff(String digits) {
        int check = 0;
        for (int i = 0; i < digits.length(); i++) {
            int d = digits.charAt(digits.length() - 1 - i) - '0';
            check = VERHOEFF_PRODUCT[check][VERHOEFF_STEP[i % 8][d]];
        }
        return check == 0;
    }

    /** Whether six digits are a day of a year, in the order year, month, day. */
    static boolean yearMonthDay(String digits, int from) {
        int month = Integer.parseInt(digits.substring(from + 2, from + 4));
        int day = Integer.parseInt(digits.substring(from + 4, from + 6));
        return month >= 1 && month <= 12 && day >= 1 && day <= 31;
    }

    private static int[][] verhoeffProducts() {
        int[][] product = new int[10][10];
        for (int a = 0; a < 10; a++) {
            for (int b = 0; b < 10; b++) {
                // The dihedral group of the pentagon.
                if (a < 5) {
                    product[a][b] = b < 5 ? (a + b) % 5 : 5 + (a + b) % 5;
                } else {
                    product[a][b] = b < 5 ? 5 + (a - b + 5) % 5 : (a - b + 10) % 5;
                }
            }
        }
        return product;
    }

    private static int[][] verhoeffSteps() {
        int[][] step = new int[8][10];
        int[] once = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
        for (int d = 0; d < 10; d++) {
            step[0][d] = d;
        }
        for (int i = 1; i < 8; i++) {
            for (int d = 0; d < 10; d++) {
                step[i][d] = once[step[i - 1][d]];
            }
        }
        return step;
    }
}
