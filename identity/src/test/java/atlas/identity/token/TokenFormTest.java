package atlas.identity.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenFormTest {
    private static TokenForm form(String body) {
        return TokenForm.parse(body.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }

    @Test
    void readsWhatABrowserWouldSend() {
        TokenForm form = form("a=1+2&b=%C3%BC%26%3D&c=&audience=x&audience=y");
        assertThat(form.one("a")).contains("1 2");
        assertThat(form.one("b")).contains("ü&=");
        assertThat(form.has("c")).as("empty is absent").isFalse();
        assertThat(form.all("audience")).containsExactly("x", "y");
        assertThat(form("").has("a")).isFalse();
    }

    @Test
    void refusesWhatCouldBeReadInTwoWays() {
        for (String body :
                List.of(
                        "a=1&a=2",
                        "a=1&%61=2",
                        "a=&a=1",
                        "scope=x&scope=x",
                        "a",
                        "=1",
                        "a=1&",
                        "&a=1",
                        "a=1;b=2=3",
                        "a=b=c",
                        "a=%",
                        "a=%4",
                        "a=%zz",
                        "a=%ff",
                        "a=%00",
                        "a=%0a",
                        "a=ü",
                        "a=1 2",
                        "{\"a\":1}")) {
            assertThat(TokenForm.parse(body.getBytes(StandardCharsets.UTF_8))).as(body).isEmpty();
        }
        assertThat(TokenForm.parse("a=1&".repeat(200).getBytes(StandardCharsets.UTF_8))).isEmpty();
        assertThat(TokenForm.parse(new byte[100_000])).isEmpty();
    }

    @Test
    void printsNamesAndNoValues() {
        assertThat(form("client_secret=hunter2").toString())
                .contains("client_secret")
                .doesNotContain("hunter2");
    }
}
