package io.laminardb.sql.parser;

import io.laminardb.sql.parser.impl.LaminarParserImpl;
import io.laminardb.sql.parser.impl.LaminarParserImplConstants;
import io.laminardb.sql.parser.impl.LaminarParserImplTokenManager;
import io.laminardb.sql.parser.impl.ParseException;
import io.laminardb.sql.parser.impl.SimpleCharStream;
import java.io.StringReader;
import java.util.BitSet;
import org.apache.calcite.avatica.util.Casing;

/** The keywords that the generated parser takes as names everywhere, asked from itself once. */
final class NonReserved {
  private static final BitSet KINDS = ask();

  private NonReserved() {}

  static boolean contains(int kind) {
    return KINDS.get(kind);
  }

  private static BitSet ask() {
    StringBuilder words = new StringBuilder();
    BitSet keywords = new BitSet();
    for (int kind = 1; kind < LaminarParserImplConstants.tokenImage.length; kind++) {
      String image = LaminarParserImplConstants.tokenImage[kind];
      if (image.matches("\"[A-Z][A-Z_0-9]*\"")) {
        keywords.set(kind);
        words.append(image, 1, image.length() - 1).append(' ');
      }
    }
    LaminarParserImpl parser = new AskedParser(words.toString());
    parser.setUnquotedCasing(Casing.UNCHANGED);
    BitSet nonReserved = new BitSet();
    while (parser.getToken(1).kind != LaminarParserImplConstants.EOF) {
      int kind = parser.getToken(1).kind;
      try {
        parser.NonReservedKeyWord();
        nonReserved.set(kind);
      } catch (ParseException reserved) {
        parser.getNextToken();
      }
    }
    nonReserved.and(keywords);
    return nonReserved;
  }

  /**
   * A parser that does not say what it expected instead: finding that out for hundreds of reserved words took a tenth
   * of a second of each JVM's start.
   */
  private static final class AskedParser extends LaminarParserImpl {
    private final ParseException reserved = new ParseException();

    AskedParser(String words) {
      super(
          new LaminarParserImplTokenManager(
              new SimpleCharStream(new StringReader(words)), LaminarParserImplConstants.DQID));
    }

    @Override
    public ParseException generateParseException() {
      return reserved;
    }
  }
}
