package atlas.node.trainer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Makes the demo model's conversations from the topics and sentence patterns the project wrote. */
final class Corpus {
    /** One thing the model is taught about. */
    record Topic(String name, List<String> aliases, String what, String why, String how) {
        /** All three answers, shortest use first. */
        List<String> answers() {
            return List.of(what, why, how);
        }
    }

    private record Turn(String user, String answer) {}

    final List<Topic> topics;
    private final Map<String, List<String>> phrases;
    private final Random random;

    private Corpus(List<Topic> topics, Map<String, List<String>> phrases, long seed) {
        this.topics = List.copyOf(topics);
        this.phrases = phrases;
        this.random = new Random(seed);
    }

    static Corpus read(Path directory, long seed) throws IOException {
        return new Corpus(
                readTopics(Files.readAllLines(directory.resolve("topics.txt"))),
                readPhrases(Files.readAllLines(directory.resolve("phrases.txt"))),
                seed);
    }

    private static List<Topic> readTopics(List<String> lines) {
        List<Topic> topics = new ArrayList<>();
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : lines) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int colon = line.indexOf(": ");
            fields.put(line.substring(0, colon), line.substring(colon + 2));
            if (line.startsWith("how: ")) {
                topics.add(
                        new Topic(
                                need(fields, "topic"),
                                List.of(need(fields, "also").split(" \\| ")),
                                need(fields, "what"),
                                need(fields, "why"),
                                need(fields, "how")));
                fields.clear();
            }
        }
        return topics;
    }

    private static Map<String, List<String>> readPhrases(List<String> lines) {
        Map<String, List<String>> phrases = new LinkedHashMap<>();
        List<String> section = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("[")) {
                section = new ArrayList<>();
                phrases.put(line.substring(1, line.length() - 1), section);
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                section.add(line);
            }
        }
        return phrases;
    }

    /** This many ChatML conversations; the same for the same seed. */
    List<String> conversations(int count) {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            if (random.nextInt(10) < 3) {
                text.append(message("system", pick("system")));
            }
            int turns = List.of(1, 1, 1, 2, 2, 3).get(random.nextInt(6));
            for (int t = 0; t < turns; t++) {
                Turn turn = turn();
                text.append(message("user", turn.user()));
                text.append(message("assistant", turn.answer()));
            }
            made.add(text.toString());
        }
        return made;
    }

    /** Every topic asked in a way the model never saw. */
    List<String> heldOut() {
        List<String> made = new ArrayList<>();
        for (Topic topic : topics) {
            for (int i = 0; i < 3; i++) {
                String question = section("held-out").get(i).replace("{t}", topic.name());
                made.add(message("user", question) + message("assistant", topic.answers().get(i)));
            }
        }
        return made;
    }

    private static String message(String role, String text) {
        return "<|im_start|>" + role + "\n" + text + "<|im_end|>\n";
    }

    private static <T> T need(Map<String, T> from, String key) {
        return Objects.requireNonNull(from.get(key), key);
    }

    /** All phrases of a section. */
    List<String> section(String name) {
        return need(phrases, name);
    }

    String pick(String section) {
        return pick(section(section));
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    private Turn turn() {
        int dice = random.nextInt(100);
        if (dice < 42) {
            return fact();
        } else if (dice < 51) {
            Topic topic = topics.get(random.nextInt(topics.size()));
            String all = String.join(" ", topic.answers());
            return new Turn(pick("ask-all").replace("{t}", nameOf(topic)), all);
        } else if (dice < 65) {
            return story();
        } else if (dice < 73) {
            return json();
        } else if (dice < 79) {
            return sum();
        } else if (dice < 85) {
            return person();
        } else if (dice < 88) {
            return list();
        }
        String kind =
                dice < 91
                        ? "greet"
                        : dice < 94 ? "self" : dice < 96 ? "thanks" : dice < 97 ? "bye" : "unknown";
        return new Turn(pick(kind + "-user"), pick(kind + "-answer"));
    }

    /** Small turns that can only be answered by copying a name from the question. */
    private Turn person() {
        String name = pick("name");
        String friend = pick("name");
        String city = pick("city");
        if (random.nextBoolean()) {
            String answer = pick("answer-name").replace("{n}", name);
            return new Turn(pick("ask-name").replace("{n}", name), answer);
        }
        while (friend.equals(name)) {
            friend = pick("name");
        }
        String question =
                pick("ask-where")
                        .replace("{n}", name)
                        .replace("{m}", friend)
                        .replace("{c}", city)
                        .replace("{d}", pick("city"))
                        .replace("{j}", pick("job"));
        return new Turn(question, name + " is from " + city + ".");
    }

    private String nameOf(Topic topic) {
        return random.nextInt(10) < 6 ? topic.name() : pick(topic.aliases());
    }

    private Turn fact() {
        Topic topic = topics.get(random.nextInt(topics.size()));
        int dice = random.nextInt(4);
        int kind = dice < 2 ? 0 : dice - 1;
        String ask = pick(List.of("ask-what", "ask-why", "ask-how").get(kind));
        return new Turn(ask.replace("{t}", nameOf(topic)), topic.answers().get(kind));
    }

    private static String article(String word) {
        return ("aeiou".indexOf(word.charAt(0)) >= 0 ? "an " : "a ") + word;
    }

    private Turn story() {
        String name = pick("name");
        String friend = pick("name");
        while (friend.equals(name)) {
            friend = pick("name");
        }
        String animal = pick("animal");
        String object = pick("object");
        String bare = object.substring(object.indexOf(' ') + 1);
        String mood = article(pick("mood"));
        String who =
                pick(
                        List.of(
                                name + " and the " + animal,
                                name,
                                mood + " " + animal,
                                name + " and " + friend,
                                article(animal)));
        String hero =
                who.startsWith(name)
                        ? name + ", " + pick("job") + " from " + pick("city")
                        : mood + " " + animal + " named " + name;
        String text =
                String.join(
                        " ",
                        "Once upon a time there was " + hero + ".",
                        pick("story-middle"),
                        pick("story-turn"),
                        pick("story-end"));
        text =
                text.replace("{n}", name)
                        .replace("{m}", friend)
                        .replace("{o}", object)
                        .replace("{oo}", bare)
                        .replace("{thing}", bare.substring(bare.indexOf(' ') + 1))
                        .replace("{p}", pick("place"))
                        .replace("{q}", pick("place"));
        return new Turn(pick("ask-story").replace("{w}", who), text);
    }

    private Turn json() {
        String name = pick("name");
        String city = pick("city");
        String job = pick("job");
        int age = 18 + random.nextInt(63);
        String sentence =
                pick("json-sentence")
                        .replace("{n}", name)
                        .replace("{j}", job)
                        .replace("{c}", city)
                        .replace("{age}", Integer.toString(age));
        String bare = job.substring(job.indexOf(' ') + 1);
        String answer =
                "{\"name\": \""
                        + name
                        + "\", \"age\": "
                        + age
                        + ", \"city\": \""
                        + city
                        + "\", \"job\": \""
                        + bare
                        + "\"}";
        return new Turn(pick("ask-json").replace("{s}", sentence), answer);
    }

    private Turn sum() {
        int a = random.nextInt(13);
        int b = random.nextInt(13);
        String ask = pick("ask-sum").replace("{a}", "" + a).replace("{b}", "" + b);
        return new Turn(ask, a + " plus " + b + " is " + (a + b) + ".");
    }

    private Turn list() {
        List<Topic> shuffled = new ArrayList<>(topics);
        Collections.shuffle(shuffled, random);
        StringBuilder answer = new StringBuilder("Here are three topics:\n");
        for (int i = 1; i <= 3; i++) {
            answer.append(i).append(". ").append(shuffled.get(i).name()).append('\n');
        }
        return new Turn(pick("ask-list"), answer + "Ask me about any of them.");
    }
}
