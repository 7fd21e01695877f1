package io.laminardb.core.state;

/** An object of a row's state to bytes and back, for snapshots. Stateless; any thread. */
public interface ObjectCodec {
  byte[] write(Object object);

  Object read(byte[] bytes);
}
