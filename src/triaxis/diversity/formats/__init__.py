"""What answers look like: the format level of the diversity axis."""
