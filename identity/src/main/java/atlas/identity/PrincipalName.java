package atlas.identity;

/** Which texts may name a principal: printable, and never read as a pattern by a grant. */
final class PrincipalName {
    private PrincipalName() {}

    static boolean isPlain(String name) {
        return !name.isEmpty()
                && name.length() <= 200
                && name.chars().allMatch(c -> c > ' ' && c != '*' && c != '`' && c < 0x7f);
    }

    static String refusal(String name) {
        String shown = name.length() > 200 ? name.substring(0, 200) + "…" : name;
        return "not a principal name: `%s` (1 to 200 printable ASCII characters, no space or `*`)"
                .formatted(shown.replaceAll("\\p{Cntrl}", "?"));
    }
}
