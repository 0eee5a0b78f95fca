"""How answers are built: the syntactic level of the diversity axis."""
