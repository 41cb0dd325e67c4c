package atlas.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CidrTest {
    @Test
    void holdsTheAddressesOfItsBlockAndNoOthers() {
        Cidr ten = Cidr.parse("10.0.0.0/8");
        assertThat(ten.contains("10.255.255.255")).isTrue();
        assertThat(ten.contains("10.0.0.0")).isTrue();
        assertThat(ten.contains("11.0.0.0")).isFalse();
        assertThat(ten.contains("9.255.255.255")).isFalse();
        Cidr odd = Cidr.parse("192.0.2.128/25");
        assertThat(odd.contains("192.0.2.128")).isTrue();
        assertThat(odd.contains("192.0.2.127")).isFalse();
        Cidr six = Cidr.parse("2001:db8::/47");
        assertThat(six.contains("2001:db8:1:ffff::1")).isTrue();
        assertThat(six.contains("2001:db8:2::1")).isFalse();
    }

    @Test
    void anAddressAloneIsABlockOfOne() {
        assertThat(Cidr.parse("192.0.2.1").contains("192.0.2.1")).isTrue();
        assertThat(Cidr.parse("192.0.2.1").contains("192.0.2.2")).isFalse();
        assertThat(Cidr.parse("::1").contains("0:0:0:0:0:0:0:1")).isTrue();
        assertThat(Cidr.parse("192.0.2.1")).hasToString("192.0.2.1/32");
    }

    @Test
    void anIpv4AddressInIpv6ClothesIsTheIpv4Address() {
        Cidr plain = Cidr.parse("10.0.0.0/8");
        assertThat(plain.contains("::ffff:10.1.2.3")).isTrue();
        assertThat(plain.contains("::FFFF:0a01:0203")).isTrue();
        assertThat(plain.contains("::ffff:11.1.2.3")).isFalse();
        Cidr mapped = Cidr.parse("::ffff:10.0.0.0/104");
        assertThat(mapped).isEqualTo(plain).hasToString("10.0.0.0/8");
        assertThat(mapped.contains("10.9.9.9")).isTrue();
    }

    @Test
    void aBlockOfIpv6ProperHoldsNoIpv4() {
        assertThat(Cidr.parse("::/0").contains("10.0.0.1")).isFalse();
        assertThat(Cidr.parse("::/0").contains("::ffff:10.0.0.1")).isFalse();
        assertThat(Cidr.parse("::/0").contains("2001:db8::1")).isTrue();
        assertThat(Cidr.parse("0.0.0.0/0").contains("::1")).isFalse();
        // The old "compatible" form is not the mapped one: it is no way to be 10.0.0.1.
        assertThat(Cidr.parse("10.0.0.0/8").contains("::10.0.0.1")).isFalse();
    }

    @Test
    void refusesWhatHasTwoReadings() {
        for (String bad :
                List.of(
                        "",
                        "/8",
                        "10.0.0.0/",
                        "10.0.0.0/33",
                        "10.0.0.0/08",
                        "10.0.0.0/+8",
                        "10.0.0.0/8/8",
                        "10.1",
                        "167772160",
                        "010.0.0.0/8",
                        "0x0a.0.0.0/8",
                        "10.0.0.0 /8",
                        "localhost",
                        "example.org/24",
                        "::1%lo",
                        "[::1]",
                        "::/129",
                        "::ffff:10.0.0.0/95",
                        "1:2:3:4:5:6:7:8:9")) {
            assertThatThrownBy(() -> Cidr.parse(bad))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not a block");
        }
        assertThatThrownBy(() -> Cidr.parse("10.1.2.3/8"))
                .hasMessageContaining("write `10.0.0.0/8`");
    }

    @Test
    void whatIsNoAddressIsNowhere() {
        for (String bad : List.of("", "local", "10.0.0.1:80", "10.0.0", "unix:/run/x")) {
            assertThat(Cidr.parse("0.0.0.0/0").contains(bad)).as(bad).isFalse();
            assertThat(Cidr.parse("::/0").contains(bad)).as(bad).isFalse();
        }
    }

    @Test
    void writesAddressesTheOneCanonicalWay() {
        for (String[] pair :
                new String[][] {
                    {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1/128"},
                    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1/128"},
                    {"::", "::/128"},
                    {"::1", "::1/128"},
                    {"1::", "1::/128"},
                    {"0:0:1:0:0:0:2:3/128", "0:0:1::2:3/128"},
                    {"64:ff9b::192.0.2.33", "64:ff9b::c000:221/128"},
                    {"::ffff:0:0/96", "0.0.0.0/0"},
                    {"10.0.0.0/8", "10.0.0.0/8"}
                }) {
            assertThat(Cidr.parse(pair[0])).hasToString(pair[1]);
            assertThat(Cidr.parse(pair[1])).isEqualTo(Cidr.parse(pair[0]));
        }
    }

    /** The runtime's own reader, which takes more than we do, never reads ours differently. */
    @Test
    void readsEveryAddressAsTheRuntimeDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            for (int zero = random.nextInt(4); zero > 0; zero--) {
                bytes[random.nextInt(bytes.length)] = 0;
                if (bytes.length == 16) {
                    int at = 2 * random.nextInt(7);
                    java.util.Arrays.fill(bytes, at, at + 4, (byte) 0);
                }
            }
            InetAddress address = address(bytes);
            Cidr one = Cidr.parse(address.getHostAddress());
            String written = one.toString().substring(0, one.toString().indexOf('/'));
            assertThat(InetAddress.ofLiteral(written)).as("seed %d", seed).isEqualTo(address);
            assertThat(one.contains(address.getHostAddress())).isTrue();
        }
    }

    @Test
    void readsNothingThatTheRuntimeRefuses() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String alphabet = "0123456789abcdefF:::...%/ []";
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(24); n > 0; n--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String literal = text.toString();
            boolean any =
                    Cidr.parse("0.0.0.0/0").contains(literal)
                            || Cidr.parse("::/0").contains(literal);
            if (any) {
                assertThat(InetAddress.ofLiteral(literal)).as("seed %d", seed).isNotNull();
            }
        }
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
