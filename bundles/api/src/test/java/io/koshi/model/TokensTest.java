package io.koshi.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokensTest {
    @Test
    void countsFourLettersOrOneForeignCharacterAsOne() {
        assertThat(Tokens.of("")).isZero();
        assertThat(Tokens.of("abcd")).isEqualTo(1);
        assertThat(Tokens.of("abcde")).isEqualTo(2);
        assertThat(Tokens.of("港口的领航员")).isEqualTo(6);
        assertThat(Tokens.of("😀😀")).isEqualTo(2);
    }

    @Test
    void cutsWhereSoManyTokensEndAndNeverInsideACharacter() {
        assertThat(Tokens.cut("abcdefgh", 1)).isEqualTo("abcd");
        assertThat(Tokens.cut("abcdefgh", 2)).isEqualTo("abcdefgh");
        assertThat(Tokens.cut("a😀b", 1)).isEqualTo("a");
        assertThat(Tokens.cut("😀😀", 1)).isEqualTo("😀");
        assertThat(Tokens.of(Tokens.cut("été à l'ombre ".repeat(50), 40))).isLessThanOrEqualTo(40);
    }
}
