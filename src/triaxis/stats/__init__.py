"""Pure statistics: arrays in, numbers out; nothing here knows about records, models or gates."""
