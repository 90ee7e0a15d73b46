package io.koshi.plugin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PackageNeedTest {
    @Test
    void readsNamesAndRangesOutsideOfQuotes() {
        assertThat(PackageNeed.parse("a.b;c.d;version=\"[1.2,2)\" , e.f;x=\"y,z;w\"", ""))
                .containsExactly(
                        new PackageNeed("a.b", "(&(osgi.wiring.package=a.b)(&(version>=1.2.0)(!(version>=2.0.0))))"),
                        new PackageNeed("c.d", "(&(osgi.wiring.package=c.d)(&(version>=1.2.0)(!(version>=2.0.0))))"),
                        new PackageNeed("e.f", "(&(osgi.wiring.package=e.f)(version>=0.0.0))"));
    }

    @Test
    void leavesOutWhatIsOptionalOrItsOwn() {
        assertThat(PackageNeed.parse("a;resolution:=optional,b;version=1,c", "d,b;version=\"1\";uses:=\"c,d\""))
                .extracting(PackageNeed::name)
                .containsExactly("c");
    }

    @Test
    void refusesARangeThatIsNone() {
        assertThatThrownBy(() -> PackageNeed.parse("a;version=\"[1,\"", ""))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
