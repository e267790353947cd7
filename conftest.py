"""What holds for the tests of every room."""

from hypothesis import settings

# A busy machine is no failure: pytest's own timeout ends what hangs.
settings.register_profile("ecsync", deadline=None, print_blob=True, max_examples=50)
settings.load_profile("ecsync")
