package atlas.policy;

import atlas.core.Role;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The absence of a policy file. */
final class NoRulebook implements Rulebook {
    private static final Judgement SILENT = new Judgement.Silent();

    @Override
    public String version() {
        return "";
    }

    @Override
    public String text() {
        return "";
    }

    @Override
    public List<Entry> entries() {
        return List.of();
    }

    @Override
    public Map<Role, Set<Action>> customRoles() {
        return Map.of();
    }

    @Override
    public Judgement judge(Question question) {
        return SILENT;
    }

    @Override
    public List<Consideration> consider(Question question) {
        return List.of();
    }

    @Override
    public void forget() {}
}
