"""What a model's gradient takes: matrix products, multiply-adds, memory, time, and the time of its products alone."""

from derive.bench.floor import Floor, floor

__all__ = ["Floor", "floor"]
