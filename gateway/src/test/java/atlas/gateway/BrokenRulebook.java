package atlas.gateway;

import atlas.core.Role;
import atlas.policy.Action;
import atlas.policy.Judgement;
import atlas.policy.PolicyException;
import atlas.policy.Question;
import atlas.policy.Rulebook;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A policy file whose engine has failed. */
final class BrokenRulebook implements Rulebook {
    @Override
    public String version() {
        return "broken";
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
        throw new PolicyException("the engine failed", null);
    }

    @Override
    public List<Consideration> consider(Question question) {
        return List.of();
    }

    @Override
    public void forget() {}
}
