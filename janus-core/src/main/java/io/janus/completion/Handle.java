package io.janus.completion;

/** What every port knows of a handle; a backend adds its own part. The object stays with its slot. */
public abstract class Handle {
  private final int slot;
  private int generation;
  private boolean open;
  int nextFree;

  /** Submitted and not yet handed out by await. */
  public int inFlight;

  /**
   * @param slot its place in the {@link HandleTable}
   */
  protected Handle(int slot) {
    this.slot = slot;
  }

  /** The handle's name outside: slot | generation << 32, always above zero. */
  public final long id() {
    return slot | (long) (generation + 1) << 32;
  }

  final int slot() {
    return slot;
  }

  final boolean isOpen() {
    return open;
  }

  final void begin() {
    open = true;
    inFlight = 0;
  }

  final void end() {
    open = false;
    generation = (generation + 1) & 0x3fff_ffff;
  }
}
