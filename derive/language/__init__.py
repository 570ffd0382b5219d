"""Text -> System: syntax, shapes and validation, one small function per rule."""

from derive.language.reader import read

__all__ = ["read"]
