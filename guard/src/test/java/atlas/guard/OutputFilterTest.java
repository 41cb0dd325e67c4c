package atlas.guard;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputFilterTest {
    private static final OutputFilter FILTER = OutputFilter.load(GuardConfig.defaults());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AWS_KEY | AKIAQ3EGRLNB7XKJD5TZ",
                "GCP_KEY | AIzaSyD3kf9Qm2xV7bN1pR8tW4yZ6cH0jL5sGeU",
                "GITHUB_TOKEN | ghp_Zk3mQ9xT7vB2nR5wY8cJ1hL6sD4fG0pKaE2u",
                "GITLAB_TOKEN | glpat-x7Kq2mVb9TzR4wYn1cJd",
                "SLACK_TOKEN | xoxb-48213907651-QmZk3x9T7vB2nR5wY8cJ1hL6",
                "STRIPE_KEY | sk_live_4eC39HqLyjWDarjtT1zdp7dc",
                "ANTHROPIC_KEY | sk-ant-api03-Qm2xV7bN1pR8tW4yZ6cH0jL5sGeU",
                "OPENAI_KEY | sk-proj-Qm2xV7bN1pR8tW4yZ6cH0jL5sGeU",
                "HUGGINGFACE_TOKEN | hf_QmxVbNpRtWyZcHjLsGeUkfDaTqXvBnMw",
                "NPM_TOKEN | npm_Zk3mQ9xT7vB2nR5wY8cJ1hL6sD4fG0pKaE2u",
                "SENDGRID_KEY |"
                        + " SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf09kqeF8tAmbihYzrnopKc1s5cr",
                "DIGITALOCEAN_TOKEN |"
                    + " dop_v1_0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
                "VAULT_TOKEN | hvs.CAESIJ3kfQm2xV7bN1pR8tW4yZ6cH0jL5sGe",
                "ATLAS_KEY | atlas_op_k7Q2mVb9TzR4_wYn1cJdX8sPq5Lf3Hg6Ke0",
                "JWT |"
                    + " eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
                "TELEGRAM_TOKEN | 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw2",
                "EMAIL_ADDRESS | ann.lee+x@mail.example.org",
                "IP_ADDRESS | 203.0.113.77",
                "IP_ADDRESS | 2001:db8:85a3::8a2e:370:7334",
                "MAC_ADDRESS | 00:1B:44:11:3A:B7",
                "CREDIT_CARD | 4111 1111 1111 1111",
                "CREDIT_CARD | 371449635398431",
                "IBAN | DE89 3704 0044 0532 0130 00",
                "IBAN | GB29NWBK60161331926819",
                "PHONE_NUMBER | +41 44 668 18 00",
                "PHONE_NUMBER | (415) 555-0132",
                "US_SSN | 536-22-1234",
                "UK_NINO | AB 12 34 56 C",
                "UK_NHS | 401-023-2137",
                "ES_NIF | 12345678Z",
                "ES_NIE | X1234567L",
                "FI_PERSONAL_IDENTITY_CODE | 131052-308T",
                "SE_PERSONNUMMER | 640823-3234",
                "PL_PESEL | 44051401359",
                "TR_NATIONAL_ID | 10000000146",
                "BR_CPF | 529.982.247-25",
                "ZA_ID_NUMBER | 8001015009087",
                "IN_AADHAAR | 2341 2341 2346",
                "CA_SIN | 046 454 286",
                "CH_AHV | 756.9217.0769.85",
            })
    void takesOut(String type, String secret) {
        assertThat(FILTER.redact("Here: " + secret + ", ok?").text())
                .isEqualTo("Here: [REDACTED:" + type + "], ok?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "password = \"tr0ub4dor&3\" | password = \"[REDACTED:PASSWORD]\"",
                "db: postgres://app:s3cr3tpw@db.local/x | db:"
                        + " postgres://app:[REDACTED:CONNECTION_PASSWORD]@db.local/x",
                "Authorization: Bearer q7Zk3mQ9xT7vB2nR5wY8cJ1h | Authorization: Bearer"
                        + " [REDACTED:SECRET]",
                "api_key='q7Zk3mQ9xT7vB2nR5wY8cJ1h' | api_key='[REDACTED:SECRET]'",
                "export ACME_TOKEN=885953dc-2469-443c-983d-5243d2d54116 | export"
                        + " ACME_TOKEN=[REDACTED:SECRET]",
            })
    void takesAssignedSecretsOut(String text, String shown) {
        assertThat(FILTER.redact(text).text()).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "commit 2f6bdf3bd7262bf4b53e883aa5a166b227196ddf",
                "sha256:fe071c8782fc9a474fda7f5d659a95583775b2c3866901aecccd46f1d1c18764",
                "integrity=\"sha384-VMfF2MZ9nOG7fUZWJ7W0vSRRr9lPNsubJhcQIZNbVvGIMmSsIevTFmcJaATsUpXJ\"",
                "Request id: 894ef502-3bc1-4824-9d66-42995317dd8d",
                "The meeting is on 12/04/2024 at 10:33, room 3.14.",
                "card 4111 1111 1111 1112 is not one",
                "DE89 3704 0044 0532 0130 01 has a wrong check digit",
                "000-12-3456 was never given out",
                "version 10.0.0.1, not an address",
                "use std::vector<int> and a::b in C++",
                "password = os.environ[\"DB_PASSWORD\"]",
                "password: <your-password-here>",
                "token = \"${TOKEN}\"",
                "AKIAIOSFODNN7EXAMPLE is the example key",
                "lat=44.099678, lon=112.138574",
                "ISBN 978-3-16-148410-5",
                "127.0.0.1:8080",
                "The 300 most populous cities, 1990 to 2020.",
                "Order no. 71109411 shipped on 2024-08-11",
            })
    void leavesAlone(String text) {
        assertThat(FILTER.redact(text).text()).isEqualTo(text);
    }

    @Test
    void saysWhereInTheOriginal() {
        Redaction redaction = FILTER.redact("Mail ann@example.org or 203.0.113.77.");

        assertThat(redaction.findings())
                .extracting(Finding::type, Finding::start, Finding::end)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("EMAIL_ADDRESS", 5, 20),
                        org.assertj.core.groups.Tuple.tuple("IP_ADDRESS", 24, 36));
    }

    @Test
    void keepsWhatTheConfigurationKeeps() {
        GuardConfig config = new GuardConfig(0.5, 0.35, 1 << 20, true, List.of("IP_ADDRESS"));

        assertThat(OutputFilter.load(config).redact("203.0.113.77 a@b.ch").text())
                .isEqualTo("203.0.113.77 [REDACTED:EMAIL_ADDRESS]");
    }

    @Test
    void blocksWhenAProtectedTextLeaksAndPlacesWhatFollows() {
        String prompt =
                "You are the assistant of Example Bank and must never mention the merger with"
                        + " anyone.";
        OutputFilter.Session session = FILTER.open(List.of(prompt));
        String answer = "I was told: " + prompt + " Mail ann@example.org now";
        StringBuilder shown = new StringBuilder();
        for (char c : answer.toCharArray()) {
            shown.append(session.feed(String.valueOf(c)));
        }
        shown.append(session.finish());

        assertThat(shown.toString())
                .isEqualTo(
                        "I was told: [REDACTED:SYSTEM_PROMPT]. Mail [REDACTED:EMAIL_ADDRESS] now");
        assertThat(session.blocked()).isTrue();
        Finding mail = session.report().findings().getLast();
        assertThat(answer.substring(mail.start(), mail.end())).isEqualTo("ann@example.org");
        assertThat(session.report().coverage()).isEqualTo("scanned");
        assertThat(session.report().scannedBytes()).isEqualTo(answer.length());
    }
}
