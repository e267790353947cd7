"""Order revisions, payment confirmation, holds, waits, cancels."""
