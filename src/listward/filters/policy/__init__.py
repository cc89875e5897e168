"""The policy engine: findings, origin and zones to one verdict per recipient."""
