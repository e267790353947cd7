"""The outside world: endpoints, inbox, outbox, delivery journal."""
