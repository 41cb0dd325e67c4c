package atlas.vault;

final class Placeholder {
    private Placeholder() {}
}
