"""What answers do: the behavioural level of the diversity axis."""
