"""Where records, bases, journal and outbox are kept."""
