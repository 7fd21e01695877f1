package io.laminardb.core.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuggestionsTest {
  private static final List<String> NAMES = List.of("symbol", "price", "volume", "ts");

  @Test
  void findsTheClosestName() {
    assertThat(Suggestions.closest("symbl", NAMES)).contains("symbol");
    assertThat(Suggestions.closest("PRICE", NAMES)).contains("price");
    assertThat(Suggestions.closest("vloume", NAMES)).contains("volume");
    assertThat(Suggestions.didYouMean("prise", NAMES)).isEqualTo("Did you mean \"price\"?");
  }

  @Test
  void keepsQuietWhenNothingIsNear() {
    assertThat(Suggestions.closest("quantity", NAMES)).isEmpty();
    assertThat(Suggestions.closest("tx", NAMES)).isEmpty();
    assertThat(Suggestions.didYouMean("xyz", NAMES)).isNull();
  }

  @Test
  void countsASwapAsOneEdit() {
    assertThat(Suggestions.distance("form", "from")).isEqualTo(1);
    assertThat(Suggestions.distance("", "abc")).isEqualTo(3);
    assertThat(Suggestions.distance("kitten", "sitting")).isEqualTo(3);
  }
}
