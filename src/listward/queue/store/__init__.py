"""The durable store: Redis, embedded or given."""
