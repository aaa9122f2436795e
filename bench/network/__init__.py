"""Sessions over a network that loses, delays and cuts off: measured by the bench, asserted by tests/fault."""
