package io.laminardb.core.operator;

import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The base of every generated class: owns the memory its expressions need (text literals and the
 * buffers text functions write to). One instance an operator; one thread.
 */
public abstract class Kernel implements AutoCloseable {
  /** The row a loop is at: says which one failed when an expression throws. */
  public int row;

  private final List<Utf8Buffer> buffers = new ArrayList<>();
  private BufferAllocator allocator;

  /** Hands the kernel its memory before first use; subclasses set up literals and buffers here. */
  public void open(BufferAllocator newAllocator) {
    allocator = newAllocator;
  }

  /** A buffer for the results of one text expression. */
  protected final Utf8Buffer buffer() {
    Utf8Buffer buffer = new Utf8Buffer(allocator);
    buffers.add(buffer);
    return buffer;
  }

  /** A text literal, off the heap. */
  protected final Utf8 text(String value) {
    return buffer().setString(value);
  }

  @Override
  public void close() {
    buffers.forEach(Utf8Buffer::close);
    buffers.clear();
  }
}
