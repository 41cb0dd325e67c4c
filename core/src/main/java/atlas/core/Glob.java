package atlas.core;

/**
 * A name pattern in which {@code *} stands for any run of characters; everything else is literal.
 */
public record Glob(String pattern) {
    public Glob {
        if (pattern.isEmpty() || pattern.length() > 200) {
            throw new IllegalArgumentException("a pattern has 1 to 200 characters");
        }
    }

    /**
     * Whether the whole name matches. Linear in the name for each star: no backtracking blow-up.
     */
    public boolean matches(String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int mark = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = n;
            } else if (p < pattern.length() && pattern.charAt(p) == name.charAt(n)) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    @Override
    public String toString() {
        return pattern;
    }
}
